import Testing

@testable import Ticketing

struct BestAvailableTests {
    /// Rows A and B of ten; `x` is taken.
    static let houses: [(rows: String, count: Int, chosen: [Int]?)] = [
        ("..........|..........", 2, [4, 5]),
        ("..........|..........", 10, Array(0..<10)),
        ("....xx....|..........", 2, [2, 3]),
        ("....xx....|..........", 3, [13, 14, 15]),
        ("xxxxxxxxxx|...x......", 4, [14, 15, 16, 17]),
        ("xxxxxxxxxx|xxxxxxxxx.", 1, [19]),
        ("x.x.x.x.x.|x.x.x.x.x.", 2, nil),
        ("xxxxxxxxxx|xxxxxxxxxx", 1, nil),
        ("..........|..........", 11, nil),
        ("..........|..........", 0, nil),
    ]

    @Test(arguments: houses)
    func `Seats together lie near the middle and the stage, and leave no single seat`(
        rows: String,
        count: Int,
        chosen: [Int]?
    ) async throws {
        let states = rows.filter { $0 != "|" }.map { UInt8($0 == "x" ? 1 : 0) }
        let chooser = BestAvailable(listing: try await ShopFixture().listing(), states: states)
        #expect(chooser.choose(BestAvailable.Wish(count: count), turn: 0) == chosen)
    }

    @Test func `Seats that may lie apart are found in what is left`() async throws {
        let states = "x.x.xxxxxx|xxxxxxxxx.".filter { $0 != "|" }.map { UInt8($0 == "x" ? 1 : 0) }
        let chooser = BestAvailable(listing: try await ShopFixture().listing(), states: states)
        #expect(
            chooser.choose(BestAvailable.Wish(count: 3, together: false), turn: 0) == [1, 3, 19]
        )
        #expect(chooser.choose(BestAvailable.Wish(count: 4, together: false), turn: 0) == nil)
    }

    @Test func `A wish for a section or a price that is not there finds nothing`() async throws {
        let listing = try await ShopFixture().listing()
        let chooser = BestAvailable(listing: listing, states: [UInt8](repeating: 0, count: 20))
        #expect(chooser.choose(BestAvailable.Wish(count: 1, section: 4), turn: 0) == nil)
        #expect(chooser.choose(BestAvailable.Wish(count: 1, tier: 9), turn: 0) == nil)
        #expect(chooser.choose(BestAvailable.Wish(count: 1, section: 0, tier: 1), turn: -7) != nil)
    }

    @Test func `Four seats share a byte in the packed form`() {
        #expect(
            Availability(revision: 1, states: [0, 1, 2, 3, 2]).packed == [0b11_10_01_00, 0b10]
        )
    }
}
