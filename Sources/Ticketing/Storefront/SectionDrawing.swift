import Glibc

/// Draws a big house as sections around a stage, tinted by what is left; each leads to its own seats.
struct SectionDrawing: Sendable {
    private static let leastSize = 640.0
    private static let floorRadius = 118.0
    private static let ringDepth = 84.0
    private static let ringGap = 14.0
    /// More rings than this make the inner ones too small to hit.
    private static let ringLimit = 6

    let listing: Listing
    let availability: Availability
    private let groups: [[Int]]
    private let size: Double

    /// Names are as large in a house of many rings.
    private var fontSize: Int { Int(12 * size / Self.leastSize) }

    init(listing: Listing, availability: Availability) {
        self.listing = listing
        self.availability = availability
        groups = Self.groups(of: listing.map)
        let rings = Double(max(0, groups.count - 1))
        let radius = Self.floorRadius + rings * (Self.ringDepth + Self.ringGap)
        size = max(Self.leastSize, 2 * (radius + 6))
    }

    /// The first group of sections fills the floor, every further one is a ring around it.
    func draw() -> String {
        var shapes: [String] = []
        for (ring, group) in groups.enumerated() {
            for (position, index) in group.enumerated() {
                let shape =
                    ring == 0
                    ? floor(position, of: group.count)
                    : sector(position, of: group.count, ring: ring)
                shapes.append(link(index, shape))
            }
        }
        let middle = size / 2
        return """
            <svg class="drawing" viewBox="0 0 \(Int(size)) \(Int(size))" role="group" aria-label="Sections">\
            \(shapes.joined())\
            <circle class="stage" cx="\(middle)" cy="\(middle)" r="26"/>\
            <text x="\(middle)" y="\(middle + 4)" font-size="\(fontSize)">Stage</text></svg>
            """
    }

    /// Sections whose codes begin alike, in the map's order; as many in each ring if that would be too many rings.
    private static func groups(of map: SeatMap) -> [[Int]] {
        let seated = map.seatedSections
        var groups: [(prefix: String, sections: [Int])] = []
        for index in seated {
            let prefix = String(map.sections[index].code.prefix { $0.isLetter })
            if groups.last?.prefix == prefix {
                groups[groups.count - 1].sections.append(index)
            } else {
                groups.append((prefix, [index]))
            }
        }
        guard groups.count > ringLimit else { return groups.map(\.sections) }
        let share = (seated.count + ringLimit - 1) / ringLimit
        return stride(from: 0, to: seated.count, by: share).map {
            Array(seated[$0..<min($0 + share, seated.count)])
        }
    }

    private func link(_ index: Int, _ shape: (path: String, x: Double, y: Double)) -> String {
        let section = listing.map.sections[index]
        let tier = listing.tierOfSection[index]
        let free = availability.freeCount(in: section.seats)
        let level = free == 0 ? 0 : min(4, 1 + free * 4 / max(section.seatCount, 1))
        let price = Money(amount: tier.amount + tier.fee, currency: listing.event.currency)
            .description
        let title = Markup.escape("\(section.name): \(free) of \(section.seatCount) free, \(price)")
        return """
            <a class="block a\(level)" href="/e/\(listing.event.slug)?section=\(FormBody.escape(section.code))" \
            aria-label="\(title)"><title>\(title)</title><path d="\(shape.path)" fill="\(Markup.escape(tier.color))"/>\
            <text x="\(Self.short(shape.x))" y="\(Self.short(shape.y + 4))" font-size="\(fontSize)">\
            \(Markup.escape(section.code))</text></a>
            """
    }

    /// A slice of the floor around the stage.
    private func floor(_ position: Int, of count: Int) -> (path: String, x: Double, y: Double) {
        slice(position, of: count, inner: 34, outer: Self.floorRadius)
    }

    private func sector(_ position: Int, of count: Int, ring: Int) -> (
        path: String, x: Double, y: Double
    ) {
        let inner =
            Self.floorRadius + Self.ringGap + Double(ring - 1) * (Self.ringDepth + Self.ringGap)
        return slice(position, of: count, inner: inner, outer: inner + Self.ringDepth)
    }

    private func slice(
        _ position: Int,
        of count: Int,
        inner: Double,
        outer: Double
    ) -> (path: String, x: Double, y: Double) {
        let step = 2 * Double.pi / Double(max(count, 1))
        // An arc that ends where it begins is nothing.
        guard count > 1 else {
            return (circle(outer, 1) + circle(inner, 0), size / 2, size / 2 + (inner + outer) / 2)
        }
        let from = step * Double(position) - Double.pi / 2
        let to = from + step
        let corners = [point(inner, from), point(outer, from), point(outer, to), point(inner, to)]
        let path = """
            M\(corners[0]) L\(corners[1]) A\(Int(outer)) \(Int(outer)) 0 0 1 \(corners[2]) L\(corners[3]) \
            A\(Int(inner)) \(Int(inner)) 0 0 0 \(corners[0])Z
            """
        let middle = (from + to) / 2
        let radius = (inner + outer) / 2
        return (path, size / 2 + radius * cos(middle), size / 2 + radius * sin(middle))
    }

    /// A circle of two halves, in one sense of rotation or the other, so that one inside another is a hole.
    private func circle(_ radius: Double, _ sense: Int) -> String {
        let (top, bottom) = (point(radius, -Double.pi / 2), point(radius, Double.pi / 2))
        let arc = "A\(Int(radius)) \(Int(radius)) 0 0 \(sense)"
        return "M\(top) \(arc) \(bottom) \(arc) \(top)Z"
    }

    private func point(_ radius: Double, _ angle: Double) -> String {
        "\(Self.short(size / 2 + radius * cos(angle))) \(Self.short(size / 2 + radius * sin(angle)))"
    }

    /// A coordinate with one decimal.
    private static func short(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(abs(tenths % 10))"
    }
}
