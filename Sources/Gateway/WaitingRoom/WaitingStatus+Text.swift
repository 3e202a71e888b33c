import HTTP

/// How a status is told, written as bytes: every poll is answered with both forms.
extension WaitingStatus {
    /// More than both forms have together.
    private static let limitBytes = 16 << 10

    /// The value of `Waiting-Room`: a dictionary of RFC 9651.
    var field: String { field(in: OutputBuffer(limitBytes: Self.limitBytes)) }

    /// The same as a JSON object, and what only programs ask for.
    var json: [UInt8] { json(in: OutputBuffer(limitBytes: Self.limitBytes)) }

    /// Both, written into one buffer: what every poll is answered with.
    var told: (field: String, json: [UInt8]) {
        let text = OutputBuffer(limitBytes: Self.limitBytes)
        let field = field(in: text)
        text.removeAll(keepingCapacity: true)
        return (field, json(in: text))
    }

    private func field(in text: OutputBuffer) -> String {
        text.append("state=")
        text.append(state.rawValue)
        func add(_ key: StaticString, _ number: Int64?) {
            guard let number else { return }
            text.append(key)
            text.append(decimal: Int(number))
        }
        add(", ticket=", ticket)
        add(", ahead=", ahead)
        add(", eta=", estimate?.seconds)
        add(", poll=", pollSeconds)
        text.append(", room=\"")
        text.append(room)
        text.append("\"")
        return text.readable.string
    }

    private func json(in text: OutputBuffer) -> [UInt8] {
        var object = JSONLine(to: text)
        object.add(literal: #""room":"#)
        object.add(string: room)
        object.add(literal: #","state":"#)
        object.add(string: state.rawValue)
        // Each key with its punctuation, in one piece.
        func add(_ key: StaticString, _ number: Int64?) {
            guard let number else { return }
            text.append(key)
            text.append(decimal: Int(number))
        }
        func addOrNull(_ key: StaticString, _ number: Int64?) {
            if let number { add(key, number) } else { addNull(key) }
        }
        func addNull(_ key: StaticString) {
            text.append(key)
            text.append("null")
        }
        add(#","ticket":"#, ticket)
        add(#","ahead":"#, ahead)
        add(#","eta":"#, estimate?.seconds)
        add(#","eta_high":"#, estimate?.highSeconds)
        add(#","poll":"#, pollSeconds)
        add(#","epoch":"#, epoch)
        add(#","now":"#, nowMilliseconds)
        addOrNull(#","opens_at":"#, opensAtMilliseconds)
        addOrNull(#","ready_until":"#, readyUntilMilliseconds)
        addOrNull(#","session_until":"#, sessionUntilMilliseconds)
        if let seedDigest { object.add("seed_sha256", seedDigest) }
        add(#","remaining":"#, remaining)
        add(#","remaining_visitors":"#, remainingVisitors)
        if let challenge {
            object.add(literal: #","challenge":"#)
            text.append(challenge.json(room: room))
        }
        if let reason { object.add("reason", reason.rawValue) } else { addNull(#","reason":"#) }
        // A log line has code points for bytes; people read this.
        if let message {
            object.add(literal: #","message":"#)
            text.append(Self.quoted(message))
        } else {
            addNull(#","message":"#)
        }
        object.close()
        return text.readable.bytes
    }
}
