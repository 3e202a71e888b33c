/// Draws the seats of a few sections as SVG, one circle a seat.
struct SeatDrawing: Sendable {
    /// More seats than this are drawn as sections to choose from.
    static let seatLimit = 1000

    /// Pixels for each unit of the drawing on a screen too narrow for all of it: seats of 24, which a finger can hit.
    private static let narrowScale = 3

    /// All of the stage is to be seen on such a screen.
    private static let stageLimit = 108

    private static let gap = 26
    private static let margin = 30

    let listing: Listing
    let availability: Availability

    /// The sections one below the other, the stage on top.
    func draw(_ sections: [Int]) -> String {
        var top = Self.margin + 20
        var width = 0
        var parts: [String] = []
        for index in sections {
            let section = listing.map.sections[index]
            let extent = extent(of: section)
            width = max(width, extent.width)
            parts.append(
                group(section, tier: listing.tierOfSection[index], top: top, width: extent.width)
            )
            top += extent.height + Self.gap
        }
        let full = width + 2 * Self.margin
        let breadth = min(full / 2, Self.stageLimit)
        let stage = """
            <path class="stage" d="M\((full - breadth) / 2) 8h\(breadth)l-14 18h-\(breadth - 28)z"/>\
            <text x="\(full / 2)" y="21" font-size="9">Stage</text>
            """
        return """
            <svg class="drawing" viewBox="0 0 \(full) \(top)" width="\(full * Self.narrowScale)" role="group" \
            aria-label="Seat map">\(stage)\
            \(parts.joined())</svg>
            """
    }

    private func extent(of section: SeatMap.Section) -> (width: Int, height: Int) {
        let seats = listing.map.seats[section.seats]
        return (seats.map(\.x).max().map { $0 + 5 } ?? 0, seats.map(\.y).max().map { $0 + 16 } ?? 0)
    }

    private func group(_ section: SeatMap.Section, tier: Tier, top: Int, width: Int) -> String {
        let middle = Self.margin + width / 2
        let title =
            "<text x=\"\(middle)\" y=\"\(top + 6)\" font-size=\"9\">\(Markup.escape(section.name))</text>"
        let rows = section.rows.map { row in
            self.row(row, of: section, tier: tier, top: top + 10)
        }
        return "<g>\(title)\(rows.joined())</g>"
    }

    private func row(_ row: SeatMap.Row, of section: SeatMap.Section, tier: Tier, top: Int)
        -> String
    {
        guard let first = listing.map.seats[row.seats].first else { return "" }
        let price = tier.amount + tier.fee
        let text = Money(amount: price, currency: listing.event.currency).description
        let label = """
            <text x="\(Self.margin - 12)" y="\(top + first.y + 3)" font-size="7">\(Markup.escape(row.label))</text>
            """
        let circles = row.seats.map { number in
            let seat = listing.map.seats[number]
            let name = Markup.escape("\(section.name), row \(seat.row), seat \(seat.number)")
            let state =
                availability.states.indices.contains(number) ? availability.states[number] : 3
            return """
                <circle class="seat s\(state)" cx="\(Self.margin + seat.x)" cy="\(top + seat.y)" r="4" \
                fill="\(Markup.escape(tier.color))" data-seat="\(number)" data-price="\(price)" data-name="\(name)">\
                <title>\(name), \(Markup.escape(text))</title></circle>
                """
        }
        return label + circles.joined()
    }
}
