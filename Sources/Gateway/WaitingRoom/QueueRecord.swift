import Transport

/// What must survive a restart of a queue kept in process: written each second, read at start.
struct QueueRecord: Sendable {
    var epoch: Int64
    var serving: Int64
    var tail: Int64
    /// Every number up to this one is past its grace.
    var floor: Int64 = 0
    /// Numbers whose ticket was used or given up.
    var spent = PositionBits()
    /// Places in line whose visitors were not there any more.
    var silent = PositionBits()
    var registration = QueueRegistration()
    var draw = QueueDraw()
    /// Who is inside, and until when.
    var sessions: [(SessionID, Int64)] = []
    /// Whether nobody can be inside who is not among `sessions`.
    var knowsSessions = false
    /// The journal that goes on from here.
    var journal: Int64 = 0
    /// What operators decided.
    var control = ""
    /// What only a record of now needs.
    var moment = QueueMoment()

    /// Lines of text: numbers, the used numbers as words of bits, then sessions.
    var text: String {
        var text = "v2 \(epoch) \(serving) \(tail) \(floor) \(journal)\n"
        text += "spent \(Self.text(spent))\n"
        if !silent.words.isEmpty { text += "silent \(Self.text(silent))\n" }
        for (name, numbers) in [("registration", registration.numbers), ("draw", draw.numbers)] {
            text += "\(name)" + numbers.map { " \($0)" }.joined() + "\n"
        }
        if !control.isEmpty { text += "control \(control)\n" }
        for (session, until) in sessions { text += "session \(session.text) \(until)\n" }
        return text + moment.text + "end\n"
    }

    /// Parses `text`; nil if it is no such text or its numbers cannot be.
    init?(text: String) {
        guard text.hasSuffix("\nend\n") else { return nil }
        let lines = text.split(separator: "\n").map {
            $0.split(separator: " ", omittingEmptySubsequences: false)
        }
        guard let head = lines.first, head.count == 6, head[0] == "v2" else { return nil }
        let numbers = head.dropFirst().compactMap { QueueNumber.read($0) }
        guard numbers.count == 5, numbers[1] <= numbers[2],
            numbers[2] < 1 << 40
        else { return nil }
        self.init(epoch: numbers[0], serving: numbers[1], tail: numbers[2])
        floor = numbers[3]
        journal = numbers[4]
        knowsSessions = true
        for line in lines.dropFirst() {
            guard read(line) else { return nil }
        }
    }

    init(
        epoch: Int64,
        serving: Int64,
        tail: Int64,
        floor: Int64 = 0,
        spent: PositionBits = PositionBits(),
        registration: QueueRegistration = QueueRegistration(),
        draw: QueueDraw = QueueDraw(),
        sessions: [(SessionID, Int64)] = [],
        knowsSessions: Bool = false,
        moment: QueueMoment = QueueMoment()
    ) {
        self.epoch = epoch
        self.serving = serving
        self.tail = tail
        self.floor = floor
        self.spent = spent
        self.registration = registration
        self.draw = draw
        self.sessions = sessions
        self.knowsSessions = knowsSessions
        self.moment = moment
    }

    private mutating func read(_ line: [Substring]) -> Bool {
        let numbers = line.dropFirst().compactMap { QueueNumber.read($0) }
        switch line.first {
        case "end": return true
        case "control":
            control = line.dropFirst().joined(separator: " ")
            return true
        case "spent": return readBits(line, into: &spent)
        case "silent": return readBits(line, into: &silent)
        case "registration", "draw":
            // Three of a program of before, which knew no time and no keys beside the name.
            guard (3...4).contains(numbers.count), numbers.count == line.count - 1,
                numbers[2] <= QueueMoment.placeLimit
            else { return false }
            let key = numbers.count == 4 ? numbers[3] : 0
            if line[0] == "draw" {
                draw = QueueDraw(name: numbers[0], after: numbers[1], count: numbers[2], key: key)
            } else {
                registration = QueueRegistration(
                    name: numbers[0],
                    opensAt: numbers.count == 4 ? numbers[1] : numbers[0],
                    count: numbers[2],
                    key: key
                )
            }
            return true
        case "session":
            guard line.count == 3, let session = SessionID(text: Array(line[1].utf8)),
                let until = QueueNumber.read(line[2])
            else { return false }
            sessions.append((session, until))
            return true
        // What a program to come writes is passed over, so that its room goes on here.
        default: return QueueMoment.knows(line) ? moment.read(line) ?? false : true
        }
    }

    /// The number of the first word, then words in hexadecimal digits.
    private static func text(_ bits: PositionBits) -> String {
        "\(bits.firstWord)" + bits.words.map { " " + String($0, radix: 16) }.joined()
    }

    private func readBits(_ line: [Substring], into bits: inout PositionBits) -> Bool {
        guard line.count >= 2, let firstWord = Int64(line[1]),
            (0...tail / 64 + 1).contains(firstWord)
        else { return false }
        let words = line.dropFirst(2).compactMap { UInt64($0, radix: 16) }
        guard words.count == line.count - 2, Int64(words.count) <= tail / 64 + 1 - firstWord
        else { return false }
        bits = PositionBits(firstWord: firstWord, words: words)
        return true
    }
}
