/// Reads request heads from a byte stream, strictly by RFC 9112.
///
/// Call `parse` with everything received and not yet consumed, each time from the first byte of the head; the bytes
/// may have moved in between. It looks at no byte twice. After an error the connection is of no further use.
public struct RequestParser {
    /// What the last successful call read.
    public let head: RequestHead
    public let limits: HeadLimits

    private enum State {
        /// Nothing of a head has been seen. Can transition to: `requestLine`.
        case idle
        /// The request line is incomplete. Can transition to: `fields`.
        case requestLine
        /// Field lines are being read. Can transition to: `idle`, when the head is complete.
        case fields
    }

    private var state = State.idle
    private var lines = FieldLineParser()
    private var facts = RequestFacts()

    public init(limits: HeadLimits = HeadLimits(), head: RequestHead = RequestHead()) {
        self.limits = limits
        self.head = head
    }

    /// Whether a head has begun and is not complete, which is when its timeout runs.
    public var isInsideHead: Bool { state != .idle }

    /// Forgets a head that has begun.
    public mutating func reset() {
        state = .idle
        head.reset()
    }

    /// Reads a head; returns its length in bytes when it is complete, nil when more bytes are needed.
    ///
    /// - Throws: the first thing that is wrong, with the status to answer.
    public mutating func parse(_ view: ByteView) throws(HeadError) -> Int? {
        if state == .idle {
            guard !view.isEmpty else { return nil }
            begin()
        }
        var table = head.fields.table
        defer { head.fields.table = table }
        if state == .requestLine {
            guard try parseRequestLine(view) else { return nil }
            state = .fields
        }
        guard let length = try lines.parse(view, limits: limits, into: &table) else { return nil }
        state = .idle
        table.adopt(view[0..<length])
        try facts.complete(&table)
        head.facts = facts
        return length
    }

    private mutating func begin() {
        head.reset()
        facts = RequestFacts()
        lines.scanner = HeadScanner()
        state = .requestLine
    }

    private mutating func parseRequestLine(_ view: ByteView) throws(HeadError) -> Bool {
        while true {
            let start = lines.scanner.lineStart
            let limit = min(limits.headBytes, start &+ limits.requestLineBytes &+ 2)
            let end = try lines.scanner.lineEnd(
                in: view,
                limit: limit,
                orThrow: .requestLineTooLong
            )
            guard let end else { return false }
            lines.scanner.advance(past: end)
            // One empty line before a request is tolerated (RFC 9112 section 2.2), a second is not.
            if end == 0 { continue }
            try facts.readRequestLine(view, start, end)
            return true
        }
    }
}
