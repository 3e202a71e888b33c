import Transport

/// What a queue knows besides places and sessions: who is called up just now, how much of the rate is used, which
/// invitations were. A queue that goes on from it does what the other would have done next.
struct QueueMoment: Sendable {
    var releases = AdmissionBudget()
    var entries = AdmissionBudget()
    var figures = QueueFigures()
    /// Numbers that were given to nobody.
    var unused = UnusedNumbers()
    /// Until when nobody is admitted.
    var holdUntil: Int64 = 0
    /// Turns that came and were not taken, and until when their slots are kept.
    var reserved: [(Int64, Int64)] = []
    /// Those who are back after their turn, and until when they count as alive.
    var late: [(Int64, Int64)] = []
    /// Sessions whose claim may be repeated, and until when.
    var fresh: [(SessionID, Int64)] = []
    /// Places held back for the sake of others: as the how-manieth thousandth of an admission they come in, and until
    /// when they are kept.
    var held: [(position: Int64, due: Int64, until: Int64)] = []
    /// When the next from one place may come in.
    var cells: [(Int64, Int64)] = []
    /// When slots that were left are free.
    var departing: [Int64] = []
    var invitations: [String: Int] = [:]
    /// Places that were called up before the line.
    var invited: [Int64] = []
    /// How often places were moved to another device.
    var moves: [Int64: Int64] = [:]
    /// Those of the registration who left before its draw; the journal has them, for programs of before read no line
    /// of a record that they do not know.
    var withdrawn: [Int64] = []
    /// Numbers of places that were given out without one; written down only for a queue that goes on at once.
    var provisions: [ProvisionalPlace: Int64] = [:]
    /// Until when each place in line counts as alive, from the head; empty if that was not written down.
    var alive: [Int64] = []

    /// Lines of text that `read` takes back.
    var text: String {
        var text = ""
        for (name, budget) in [("releases", releases), ("entries", entries)] {
            text += "\(name) \(budget.debtUnits) \(budget.updatedMilliseconds)\n"
        }
        text += "figures \(figures.admissions) \(figures.noShows) \(figures.passedOver)\n"
        // The newest last: programs that know of one alone take that.
        for gap in unused.stretches { text += "gap \(gap.after) \(gap.through)\n" }
        text += "hold \(holdUntil)\n"
        for (position, until) in reserved { text += "reserved \(position) \(until)\n" }
        for (position, until) in late { text += "late \(position) \(until)\n" }
        if figures.heldBack > 0 { text += "held-back \(figures.heldBack)\n" }
        for (position, due, until) in held { text += "held \(position) \(due) \(until)\n" }
        for (cell, time) in cells { text += "cell \(cell) \(time)\n" }
        for (session, until) in fresh { text += "fresh \(session.text) \(until)\n" }
        for until in departing { text += "departing \(until)\n" }
        for (name, uses) in invitations {
            text += "invited \(Base64URL.encode(Array(name.utf8))) \(uses)\n"
        }
        for position in invited { text += "first \(position)\n" }
        for (position, count) in moves { text += "moved \(position) \(count)\n" }
        for (place, number) in provisions {
            text += "provisional \(place.milliseconds) \(place.node) \(place.sequence) \(number)\n"
        }
        if !alive.isEmpty { text += "alive\(Self.runs(alive))\n" }
        return text
    }

    /// Counts one more use of an invitation.
    mutating func used(_ invitation: String) {
        let uses = invitations[invitation, default: 0]
        invitations[invitation] = uses < .max ? uses + 1 : uses
    }

    /// What lines of `text` begin with.
    private static let words: Set<Substring> = [
        "releases", "entries", "figures", "gap", "hold", "reserved", "late", "held-back", "held",
        "cell", "fresh", "departing", "invited", "first", "moved", "provisional", "alive",
    ]

    /// Whether a line is one of `text`, as far as its first word says.
    static func knows(_ line: [Substring]) -> Bool { line.first.map(words.contains) ?? false }

    /// Takes one line of `text`; nil if it is none, false if what it says cannot be.
    mutating func read(_ line: [Substring]) -> Bool? {
        let numbers = line.dropFirst().compactMap { Int64($0) }
        guard numbers.allSatisfy({ $0 >= 0 && $0 < 1 << 53 }) else { return false }
        switch (line.first, numbers.count) {
        case ("releases", 2): releases = AdmissionBudget(debt: numbers[0], at: numbers[1])
        case ("entries", 2): entries = AdmissionBudget(debt: numbers[0], at: numbers[1])
        case ("figures", 3):
            figures = QueueFigures(
                admissions: numbers[0],
                noShows: numbers[1],
                passedOver: numbers[2]
            )
        case ("gap", 2): unused.add(after: numbers[0], through: numbers[1])
        case ("hold", 1): holdUntil = numbers[0]
        case ("reserved", 2): reserved.append((numbers[0], numbers[1]))
        case ("late", 2): late.append((numbers[0], numbers[1]))
        case ("held-back", 1): figures.heldBack = numbers[0]
        case ("held", 3): held.append((numbers[0], numbers[1], numbers[2]))
        case ("cell", 2): cells.append((numbers[0], numbers[1]))
        case ("moved", 2): moves[numbers[0]] = numbers[1]
        case ("departing", 1): departing.append(numbers[0])
        case ("first", 1): invited.append(numbers[0])
        case ("provisional", 4):
            let place = ProvisionalPlace(
                milliseconds: numbers[0],
                node: numbers[1],
                sequence: numbers[2]
            )
            provisions[place] = numbers[3]
        case ("fresh", _), ("invited", _): return readNamed(line)
        case ("alive", _): return readRuns(line.dropFirst())
        default: return nil
        }
        return true
    }

    private mutating func readNamed(_ line: [Substring]) -> Bool {
        guard line.count == 3, let number = QueueNumber.read(line[2]) else { return false }
        if line[0] == "fresh" {
            guard let session = SessionID(text: Array(line[1].utf8)) else { return false }
            fresh.append((session, number))
        } else {
            guard let name = Base64URL.decode(Array(line[1].utf8)) else { return false }
            invitations[String(decoding: name, as: UTF8.self)] = Int(clamping: number)
        }
        return true
    }

    /// Equal neighbours together, in tenths of seconds: most of a crowd was never seen again, or all at once.
    private static func runs(_ times: [Int64]) -> String {
        var text = ""
        var index = 0
        while index < times.count {
            var end = index + 1
            while end < times.count, times[end] == times[index] { end += 1 }
            text += " \(times[index] / 100)*\(end - index)"
            index = end
        }
        return text
    }

    private mutating func readRuns(_ words: ArraySlice<Substring>) -> Bool {
        for word in words {
            let pair = word.split(separator: "*").compactMap { Int64($0) }
            guard pair.count == 2, (0..<1 << 46).contains(pair[0]), pair[1] > 0,
                Int64(alive.count) + pair[1] <= Self.placeLimit
            else { return false }
            alive += repeatElement(pair[0] * 100, count: Int(pair[1]))
        }
        return true
    }

    /// More places than any line may have.
    static let placeLimit: Int64 = 12_000_000

    /// Places of a line that nobody joins any more, so that what the next failure leaves out fits in.
    static let joinLimit = placeLimit - 1_000_000
}
