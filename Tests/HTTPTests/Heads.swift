@testable import HTTP

/// Keeps bytes in place for as long as it lives, so that tests can make views of them.
@safe
final class Bytes {
    private let base: UnsafeMutablePointer<UInt8>
    let count: Int

    init(_ bytes: some Collection<UInt8>) {
        count = bytes.count
        unsafe base = .allocate(capacity: max(1, bytes.count))
        for (index, byte) in bytes.enumerated() { unsafe base[index] = byte }
    }

    convenience init(_ text: String) {
        self.init(Array(text.utf8))
    }

    deinit {
        unsafe base.deallocate()
    }

    var view: ByteView { unsafe ByteView(base, count: count) }
}

/// What came of parsing, in a form that can be compared and printed.
enum Outcome: Equatable {
    case incomplete
    case refused(HeadError)
    case accepted(length: Int, description: String)
}

func describe(_ fields: FieldSection) -> String {
    (0..<fields.count).map { index in
        let mark = fields.isHopByHop(index) ? "*" : ""
        return
            "\(fields.known(index))\(mark) \(fields.name(index).bytes)=\(fields.value(index).bytes)"
    }.joined(separator: "\n")
}

func describe(_ head: RequestHead) -> String {
    let target = head.target
    return """
        \(head.methodName.string) \(head.method) \(head.version) \(head.framing) \(head.keepAlive)
        \(head.expectsContinue) \(head.upgrade?.string ?? "-") \(target.form) \(target.flags.rawValue)
        \(target.raw.bytes) \(target.path.bytes) \(target.query?.bytes ?? []) \(target.authority.string)
        \(head.authority.string) \(head.host.string) \(head.port ?? 0)
        \(describe(head.fields))
        """
}

func describe(_ head: ResponseHead) -> String {
    """
    \(head.status) \(head.reason.bytes) \(head.version) \(head.framing) \(head.keepAlive) \(head.isTunnel)
    \(describe(head.fields))
    """
}

/// Parses a request, giving the parser `step` more bytes each time, each time at another address.
func parseRequest(_ bytes: [UInt8], step: Int? = nil, limits: HeadLimits = HeadLimits()) -> Outcome {
    var parser = RequestParser(limits: limits)
    return parse(bytes, step: step) { view throws(HeadError) in
        guard let length = try parser.parse(view) else { return nil }
        return (length, describe(parser.head))
    }
}

func parseResponse(_ bytes: [UInt8], to method: HTTP.Method = .get, step: Int? = nil) -> Outcome {
    var parser = ResponseParser()
    return parse(bytes, step: step) { view throws(HeadError) in
        guard let length = try parser.parse(view, to: method) else { return nil }
        return (length, describe(parser.head))
    }
}

private func parse(
    _ bytes: [UInt8],
    step: Int?,
    _ body: (ByteView) throws(HeadError) -> (Int, String)?
) -> Outcome {
    var given = step ?? bytes.count
    while true {
        let part = Bytes(bytes.prefix(given))
        do throws(HeadError) {
            if let (length, description) = try body(part.view) {
                return .accepted(length: length, description: description)
            }
        } catch {
            return .refused(error)
        }
        guard given < bytes.count, let step else { return .incomplete }
        given += step
    }
}

/// The head of a request that must be accepted.
func accept(_ text: String, limits: HeadLimits = HeadLimits()) throws -> RequestHead {
    var parser = RequestParser(limits: limits)
    let bytes = Bytes(text)
    let length = try parser.parse(bytes.view)
    try requireComplete(length)
    return parser.head
}

/// The head of a response that must be accepted.
func accept(_ text: String, to method: HTTP.Method) throws -> ResponseHead {
    var parser = ResponseParser()
    let bytes = Bytes(text)
    let length = try parser.parse(bytes.view, to: method)
    try requireComplete(length)
    return parser.head
}

struct IncompleteHead: Error {}

private func requireComplete(_ length: Int?) throws {
    guard length != nil else { throw IncompleteHead() }
}
