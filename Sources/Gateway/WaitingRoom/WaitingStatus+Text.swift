import HTTP

/// How a status is told, written as bytes: every poll is answered with both forms.
extension WaitingStatus {
    /// More than both forms have together.
    static let limitBytes = 16 << 10

    var field: String { String(decoding: written(by: appendField), as: UTF8.self) }
    var json: [UInt8] { written(by: appendJSON) }

    private func written(by append: (OutputBuffer) -> Void) -> [UInt8] {
        let text = OutputBuffer(limitBytes: Self.limitBytes)
        append(text)
        return withExtendedLifetime(text) { text.readable.bytes }
    }

    /// The value of `Waiting-Room`: a dictionary of RFC 9651.
    func appendField(to text: OutputBuffer) {
        text.append("state=")
        text.append(state.rawValue)
        @inline(__always)
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
    }

    /// The same as a JSON object, and what only programs ask for.
    func appendJSON(to text: OutputBuffer) {
        var object = JSONLine(to: text)
        object.add(literal: #""room":"#)
        object.add(string: room)
        object.add(literal: #","state":"#)
        object.add(string: state.rawValue)
        // Each key with its punctuation, in one piece.
        @inline(__always)
        func add(_ key: StaticString, _ number: Int64?) {
            guard let number else { return }
            text.append(key)
            text.append(decimal: Int(number))
        }
        @inline(__always)
        func addOrNull(_ key: StaticString, _ number: Int64?) {
            if let number { add(key, number) } else { addNull(key) }
        }
        @inline(__always)
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
        add(#","registration":"#, registration)
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
            text.append(JSONValue.quoted(message))
        } else {
            addNull(#","message":"#)
        }
        object.close()
    }
}
