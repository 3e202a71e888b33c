/// The seats of a venue: an immutable revision, loaded once and shared.
///
/// Seats are numbered from 0 without gaps, section by section and row by row, so that a seat is an index.
struct SeatMap: Sendable {
    let id: Int64
    let revision: Int
    let sections: [Section]
    let seats: [Seat]
    private let numbers: [String: Int]

    /// Puts a map together. `sections` must cover `seats` in order.
    init(id: Int64, revision: Int, sections: [Section], seats: [Seat]) {
        self.id = id
        self.revision = revision
        self.sections = sections
        self.seats = seats
        var numbers: [String: Int] = [:]
        numbers.reserveCapacity(seats.count)
        for (number, seat) in seats.enumerated() {
            numbers[Self.label(of: seat, in: sections)] = number
        }
        self.numbers = numbers
    }

    /// A block of rows with one name and one price.
    struct Section: Sendable {
        let number: Int
        let code: String
        let name: String
        let firstSeat: Int
        let seatCount: Int
        let rows: [Row]
        /// How many people a standing area takes; nil where there are seats.
        var standingCapacity: Int?

        var seats: Range<Int> { firstSeat..<(firstSeat + seatCount) }
    }

    /// Neighbouring seats.
    struct Row: Sendable {
        let label: String
        let seats: Range<Int>
    }

    /// One seat. `x` and `y` are tenths of a metre from the top left corner of its section's drawing.
    struct Seat: Sendable {
        let section: Int
        let row: String
        let number: String
        let x: Int
        let y: Int
    }

    /// The name of a seat that is unique in the map, as in `ST-A-1`; nil if there is no such seat.
    func label(of number: Int) -> String? {
        guard seats.indices.contains(number) else { return nil }
        return Self.label(of: seats[number], in: sections)
    }

    /// Where somebody sits or stands, in the words of a ticket.
    struct Place: Sendable {
        let label: String
        let section: String
        let row: String
        let number: String
    }

    /// The words for a seat, or for a standing place of a section.
    func place(section: Int, seat: Int?) -> Place {
        let known = sections.indices.contains(section) ? sections[section] : nil
        guard let seat, seats.indices.contains(seat) else {
            let label = known?.code ?? ""
            return Place(label: label, section: known?.name ?? "", row: "", number: "")
        }
        return Place(
            label: label(of: seat) ?? "",
            section: known?.name ?? "",
            row: seats[seat].row,
            number: seats[seat].number
        )
    }

    /// The sections that have seats, by their place in the list.
    var seatedSections: [Int] { sections.indices.filter { sections[$0].standingCapacity == nil } }

    /// How many people the map takes, seated and standing.
    var capacity: Int { seats.count + sections.reduce(0) { $0 + ($1.standingCapacity ?? 0) } }

    /// The seat with this label.
    func number(of label: String) -> Int? { numbers[label] }

    /// The section with this code.
    func section(code: String) -> Section? { sections.first { $0.code == code } }

    private static func label(of seat: Seat, in sections: [Section]) -> String {
        let code = sections.indices.contains(seat.section) ? sections[seat.section].code : "?"
        return "\(code)-\(seat.row)-\(seat.number)"
    }
}
