import Testing

@testable import Ticketing

struct HousePlanTests {
    private static func page(_ blocks: [VenuePlan.Block], standing: [VenuePlan.Standing] = [])
        async throws -> String
    {
        let venue = VenuePlan(
            id: 9,
            slug: "hall",
            name: "Hall",
            city: "Porto",
            timeZone: "Europe/Lisbon",
            blocks: blocks,
            standing: standing
        )
        let fixture = try await ShopFixture(venue: venue)
        let listing = try await fixture.listing()
        let model = EventPageModel(
            listing: listing,
            availability: try await fixture.shop.board.availability(of: listing),
            now: fixture.clock.now
        )
        return try Pages().render("event", model.page(section: nil, notice: nil))
    }

    private static func blocks(_ count: Int) -> [VenuePlan.Block] {
        (0..<count).map { number in
            let letters = String(UnicodeScalar(UInt8(65 + number)))
            return VenuePlan.Block(
                code: "\(letters)1",
                name: "Block \(letters)",
                rowCount: 20,
                seatsPerRow: 20,
                tier: 1
            )
        }
    }

    /// Where the lines and arcs of a path lead, as x and y.
    private static func ends(_ path: Substring) -> [(x: Double, y: Double)] {
        path.matches(of: /[MLA][^MLAZ]*/).compactMap { part in
            let numbers = part.output.dropFirst().split(separator: " ").compactMap { Double($0) }
            guard numbers.count >= 2 else { return nil }
            return (numbers[numbers.count - 2], numbers[numbers.count - 1])
        }
    }

    @Test(arguments: [3, 5, 12])
    func `Every section of a big house is to be seen, also those that stand alone in their ring`(
        count: Int
    ) async throws {
        let page = try await Self.page(Self.blocks(count))
        let box = try #require(page.firstMatch(of: /viewBox="0 0 (\d+) (\d+)" role="group"/))
        let size = try #require(Double(box.1))
        let paths = page.matches(of: /<path d="([^"]*)"/).map(\.1)
        #expect(paths.count == count)
        for path in paths {
            let ends = Self.ends(path)
            #expect(ends.count >= 4)
            #expect(ends.allSatisfy { (0...size).contains($0.x) && (0...size).contains($0.y) })
            let high = ends.map(\.y).max() ?? 0, low = ends.map(\.y).min() ?? 0
            let right = ends.map(\.x).max() ?? 0, left = ends.map(\.x).min() ?? 0
            #expect(max(high - low, right - left) > 60, "\(path)")
            let arcs = path.matches(of: /([\d. ]+) ?A\S+ \S+ 0 0 \d ([\d.]+ [\d.]+)/)
            #expect(!arcs.isEmpty)
            #expect(
                arcs.allSatisfy { !$0.1.hasSuffix($0.2) },
                "an arc to where it begins is nothing"
            )
        }
        for code in ["A1", "C1"] {
            #expect(page.contains("<li><a href=\"/e/evening?section=\(code)\">"))
        }
    }

    @Test func `A house where everybody stands has prices and no plan`() async throws {
        let floor = VenuePlan.Standing(code: "FL", name: "Floor", capacity: 150, tier: 1)
        let page = try await Self.page([], standing: [floor])
        #expect(page.contains("150</span> of 150 places free"))
        #expect(page.contains(#"<h2 id="map-title">Prices</h2>"#) && page.contains("47.50"))
        #expect(page.contains("Take places"))
        for word in ["class=\"drawing\"", "Best available", "Choose your seats", "taken</li>"] {
            #expect(!page.contains(word), "\(word)")
        }
    }
}
