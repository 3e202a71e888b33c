import Synchronization
import Transport

/// One request as a trace shows it.
struct TraceSpan: Sendable {
    /// 32 hexadecimal digits.
    let trace: String
    /// 16 hexadecimal digits.
    let id: String
    let parent: String?
    let name: String
    /// Milliseconds since 1970.
    let startedAt: Milliseconds
    let endedAt: Milliseconds
    let method: String
    let status: Int
}

/// What is left of requests until somebody fetches it; the newest are dropped when nobody does.
final class SpanBuffer: Sendable {
    private static let limit = 4096

    private let spans = Mutex<[TraceSpan]>([])

    /// Keeps a span.
    func add(_ span: TraceSpan) {
        spans.withLock { if $0.count < Self.limit { $0.append(span) } }
    }

    /// All that was kept, once.
    func take() -> [TraceSpan] {
        spans.withLock { spans in
            defer { spans = [] }
            return spans
        }
    }
}

/// The trace that a request belongs to (W3C Trace Context): the sender's if it names one, else a new one.
struct TraceParent: Sendable, Equatable {
    let trace: String
    /// The sender's span.
    let parent: String?
    /// Whether the sender wants it recorded; a trace that begins here is.
    let isSampled: Bool

    /// Reads `traceparent`; anything but a well-formed one begins a trace.
    init(_ header: String?) {
        let parts = (header ?? "").split(separator: "-", omittingEmptySubsequences: false)
        if parts.count >= 4, parts[0] == "00", parts.count == 4, Self.isName(parts[1], 32),
            Self.isName(parts[2], 16), let flags = Token.bytes(hexadecimal: parts[3]),
            flags.count == 1
        {
            trace = String(parts[1])
            parent = String(parts[2])
            isSampled = flags[0] & 1 == 1
        } else {
            trace = Token.hexadecimal(Digest.randomBytes(16))
            parent = nil
            isSampled = true
        }
    }

    private static func isName(_ text: Substring, _ count: Int) -> Bool {
        text.utf8.count == count && text == text.lowercased() && text.contains { $0 != "0" }
            && Token.bytes(hexadecimal: text) != nil
    }
}
