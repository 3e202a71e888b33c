/// What a client asks to hold: seats by name, the best ones, or places in a standing area.
struct HoldWish: Decodable {
    struct Best: Decodable {
        let qty: Int
        let section: String?
        let tier: Int?
        let together: Bool?
    }

    struct Standing: Decodable {
        let section: String
        let qty: Int
    }

    /// A seat by number or by label.
    private enum SeatReference: Decodable {
        case number(Int)
        case label(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int.self) {
                self = .number(number)
            } else {
                self = .label(try container.decode(String.self))
            }
        }
    }

    private let seats: [SeatReference]?
    private let best: Best?
    private let ga: Standing?

    /// The wish in terms of an event's map; throws `invalid-body` for what is not there.
    func wanted(in listing: Listing) throws(Problem) -> HoldDesk.Wanted {
        switch (seats, best, ga) {
        case (let seats?, nil, nil): return .seats(try numbers(of: seats, in: listing.map))
        case (nil, let best?, nil): return .best(try wish(best, in: listing))
        case (nil, nil, let ga?):
            guard let section = listing.map.section(code: ga.section),
                section.standingCapacity != nil
            else { throw Problem.invalidBody("there is no standing area \(ga.section)") }
            return .standing(section: section.number, count: ga.qty)
        default: throw Problem.invalidBody("send one of seats, best and ga")
        }
    }

    private func wish(_ best: Best, in listing: Listing) throws(Problem) -> BestAvailable.Wish {
        if let tier = best.tier, !listing.tiers.contains(where: { $0.number == tier }) {
            throw Problem.invalidBody("there is no tier \(tier)")
        }
        var wish = BestAvailable.Wish(
            count: best.qty,
            tier: best.tier,
            together: best.together ?? true
        )
        if let code = best.section {
            guard let section = listing.map.section(code: code) else {
                throw Problem.invalidBody("there is no section \(code)")
            }
            wish.section = section.number
        }
        return wish
    }

    private func numbers(of seats: [SeatReference], in map: SeatMap) throws(Problem) -> [Int] {
        guard seats.count <= 100 else { throw Problem.limitExceeded("at most 100 seats") }
        var numbers: [Int] = []
        for seat in seats { numbers.append(try number(of: seat, in: map)) }
        guard Set(numbers).count == numbers.count else {
            throw Problem.invalidBody("a seat is named twice")
        }
        return numbers
    }

    private func number(of reference: SeatReference, in map: SeatMap) throws(Problem) -> Int {
        switch reference {
        case .number(let number):
            guard map.seats.indices.contains(number) else {
                throw Problem.invalidBody("there is no seat \(number)")
            }
            return number
        case .label(let label):
            guard let number = map.number(of: label) else {
                throw Problem.invalidBody("there is no such seat")
            }
            return number
        }
    }
}
