import Transport

/// What a record becomes with the lines of the journals that go on from it.
struct JournalReplay {
    private var base: QueueRecord
    private var sessions: [SessionID: Int64]
    /// Places that were called up before the line and have not come in.
    private var invited: Set<Int64>
    private var withdrawn: Set<Int64>

    init(_ record: QueueRecord) {
        base = record
        sessions = Dictionary(record.sessions) { max($0, $1) }
        invited = Set(record.moment.invited)
        withdrawn = Set(record.moment.withdrawn)
    }

    /// The record as it is after what was applied.
    var record: QueueRecord {
        var record = base
        record.sessions = sessions.map { ($0.key, $0.value) }
        record.moment.invited = Array(invited)
        record.moment.withdrawn = Array(withdrawn)
        return record
    }

    /// Applies one journal.
    mutating func apply(_ lines: [Substring]) {
        // Whoever came in before the line says nothing of how far that is; programs of before did not say it either.
        let tellsServing = lines.first?.hasPrefix("S ") == true
        for line in lines { apply(line.split(separator: " "), tellsServing: tellsServing) }
    }

    private mutating func apply(_ words: [Substring], tellsServing: Bool) {
        let numbers = words.dropFirst().compactMap { QueueNumber.read($0) }
        switch (words.first, words.count) {
        case ("A", 4): admitted(words, tellsServing: tellsServing)
        case ("L", 2):
            if let session = SessionID(text: Array(words[1].utf8)) { sessions[session] = nil }
        case ("V", 2):
            guard let name = Base64URL.decode(Array(words[1].utf8)) else { return }
            base.moment.used(String(decoding: name, as: UTF8.self))
        case ("R", _): registered(numbers)
        case ("M", 3) where numbers.count == 2: base.moment.moves[numbers[0]] = numbers[1]
        case ("W", 3) where numbers.count == 2 && numbers[1] == base.registration.name:
            withdrawn.insert(numbers[0])
        case (let kind?, 2):
            guard let number = numbers.first, number < Self.limit else { return }
            passed(kind, number)
        default: return
        }
    }

    /// More than any line counts to.
    private static let limit: Int64 = 1 << 40

    /// A number of the line by itself.
    private mutating func passed(_ kind: Substring, _ number: Int64) {
        switch kind {
        case "S":
            base.tail = max(base.tail, number)
            base.serving = max(base.serving, number)
        case "T": base.tail = max(base.tail, number)
        case "I" where number > 0: invited.insert(number)
        case "G" where number > 0:
            base.tail = max(base.tail, number)
            base.spent.insert(number)
            invited.remove(number)
        default: return
        }
    }

    private mutating func admitted(_ words: [Substring], tellsServing: Bool) {
        guard let position = QueueNumber.read(words[1]), position < Self.limit,
            let until = QueueNumber.read(words[3]),
            let session = SessionID(text: Array(words[2].utf8))
        else { return }
        sessions[session] = until
        guard position > 0 else { return }
        base.tail = max(base.tail, position)
        if !tellsServing { base.serving = max(base.serving, position) }
        base.spent.insert(position)
        invited.remove(position)
    }

    /// Somebody registered: name, time, count and keys; of a program of before name and count.
    private mutating func registered(_ numbers: [Int64]) {
        var told = QueueRegistration(name: numbers.first ?? 0)
        switch numbers.count {
        case 2: (told.opensAt, told.count) = (told.name, numbers[1])
        case 4: (told.opensAt, told.count, told.key) = (numbers[1], numbers[2], numbers[3])
        default: return
        }
        guard base.registration.isBefore(told), told.count <= QueueMoment.placeLimit else {
            return
        }
        if told.name != base.registration.name { withdrawn = [] }
        base.registration = told
    }
}
