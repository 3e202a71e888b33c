/// Reads response heads from a byte stream, as strictly as `RequestParser` reads requests.
///
/// The method of the request decides with the status whether content follows, so it is given with each call.
public struct ResponseParser {
    /// What the last successful call read.
    public let head: ResponseHead
    public let limits: HeadLimits

    private enum State {
        /// Nothing of a head has been seen. Can transition to: `statusLine`.
        case idle
        /// The status line is incomplete. Can transition to: `fields`.
        case statusLine
        /// Field lines are being read. Can transition to: `idle`, when the head is complete.
        case fields
    }

    private var state = State.idle
    private var lines = FieldLineParser()
    private var facts = ResponseFacts()

    public init(limits: HeadLimits = HeadLimits(), head: ResponseHead = ResponseHead()) {
        self.limits = limits
        self.head = head
    }

    /// Forgets a head that has begun.
    public mutating func reset() {
        state = .idle
        head.reset()
    }

    /// Reads a head; returns its length in bytes when it is complete, nil when more bytes are needed.
    ///
    /// Interim heads (1xx) are returned like any other; the final one follows in the next call.
    public mutating func parse(_ view: ByteView, to method: Method) throws(HeadError) -> Int? {
        if state == .idle {
            guard !view.isEmpty else { return nil }
            begin()
        }
        if state == .statusLine {
            let limit = min(limits.headBytes, limits.requestLineBytes + 2)
            guard
                let end = try lines.scanner.lineEnd(in: view, limit: limit, orThrow: .headTooLarge)
            else {
                return nil
            }
            try facts.readStatusLine(view[0..<end])
            lines.scanner.advance(past: end)
            state = .fields
        }
        var table = head.fields.table
        defer { head.fields.table = table }
        guard let length = try lines.parse(view, limits: limits, into: &table) else { return nil }
        state = .idle
        table.adopt(view[0..<length])
        try facts.complete(table, to: method)
        head.facts = facts
        return length
    }

    private mutating func begin() {
        head.reset()
        facts = ResponseFacts()
        lines.scanner = HeadScanner()
        state = .statusLine
    }
}
