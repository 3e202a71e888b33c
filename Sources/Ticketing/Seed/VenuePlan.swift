/// A venue to be built: blocks of rows.
struct VenuePlan: Sendable {
    /// Rows of equal length under one code and one price.
    struct Block: Sendable {
        let code: String
        let name: String
        let rowCount: Int
        let seatsPerRow: Int
        /// How far the ends of a row bend towards the stage, in tenths of a metre; at most half of what lies between
        /// two rows, or the label at a row's end would stand beside the middle of another.
        var bend = 0
        let tier: Int
    }

    /// An area without seats.
    struct Standing: Sendable {
        let code: String
        let name: String
        let capacity: Int
        let tier: Int
    }

    /// What lies between two rows, in tenths of a metre.
    static let rowPitch = 11

    let id: Int64
    let slug: String
    let name: String
    let city: String
    let timeZone: String
    let blocks: [Block]
    /// Standing areas; as sections they come after the blocks.
    var standing: [Standing] = []

    var seatCount: Int { blocks.reduce(0) { $0 + $1.rowCount * $1.seatsPerRow } }

    /// 500 seats: 320 in the stalls, 180 in the balcony.
    static let teatro = VenuePlan(
        id: 1,
        slug: "teatro",
        name: "Teatro 500",
        city: "Lisboa",
        timeZone: "Europe/Lisbon",
        blocks: [
            Block(code: "ST", name: "Stalls", rowCount: 16, seatsPerRow: 20, bend: 5, tier: 1),
            Block(code: "BA", name: "Balcony", rowCount: 9, seatsPerRow: 20, bend: 5, tier: 2),
        ]
    )

    /// 20,000 seats in 8 floor blocks, 16 lower and 20 upper sections, and 1,500 standing before the stage.
    static let arena = VenuePlan(
        id: 2,
        slug: "haniel-arena",
        name: "Haniel Arena",
        city: "Porto",
        timeZone: "Europe/Lisbon",
        blocks: (1...8).map {
            Block(code: "F\($0)", name: "Floor \($0)", rowCount: 10, seatsPerRow: 25, tier: 1)
        }
            + (1...16).map {
                Block(
                    code: "L\($0)",
                    name: "Lower \($0)",
                    rowCount: 20,
                    seatsPerRow: 25,
                    bend: 5,
                    tier: (5...12).contains($0) ? 2 : 3
                )
            }
            + (1...20).map {
                Block(
                    code: "U\($0)",
                    name: "Upper \($0)",
                    rowCount: 20,
                    seatsPerRow: 25,
                    bend: 5,
                    tier: (6...15).contains($0) ? 4 : 5
                )
            },
        standing: [Standing(code: "PIT", name: "Pit, standing", capacity: 1500, tier: 3)]
    )

    /// Row names: A to Z without I and O, which look like digits, then AA to AZ.
    static func rowLabel(_ index: Int) -> String {
        let letters = Array("ABCDEFGHJKLMNPQRSTUVWXYZ")
        let letter = String(letters[index % letters.count])
        return index < letters.count ? letter : "A" + letter
    }
}
