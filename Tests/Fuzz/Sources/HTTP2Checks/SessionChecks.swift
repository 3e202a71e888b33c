import HTTP

/// What must hold for any bytes whatever; the first thing that does not is thrown.
public struct Violation: Error {
    public let message: String

    init(_ message: String) { self.message = message }
}

/// Gives a session of a server the frames, at once and in pieces, serves what it asks for, and checks what comes of it.
public func checkHTTP2(_ frames: [UInt8], step: Int) throws(Violation) {
    _ = try Peer.run(frames, step: max(1, step), serves: true)
    let whole = try Peer.run(frames, step: max(1, frames.count), serves: false)
    let parts = try Peer.run(frames, step: max(1, step), serves: false)
    guard whole.requests == parts.requests else {
        throw Violation("in parts of \(step): \(parts.requests) / \(whole.requests)")
    }
}

/// A server that answers each request with a little content, and never keeps what it was sent.
private final class Peer: HTTP2SessionOwner {
    var requests: [String] = []
    private var session: HTTP2Session?
    private var fresh: [HTTP2RequestStream] = []
    private var open: [HTTP2RequestStream] = []
    private var violation: Violation?
    private let content = ByteView("what the server says")

    static func run(_ frames: [UInt8], step: Int, serves: Bool) throws(Violation) -> Peer {
        let peer = Peer()
        var limits = HTTP2Limits()
        limits.streamCount = 10
        let session = HTTP2Session(serving: peer, limits: limits)
        peer.session = session
        guard let session else { throw Violation("no session") }
        let start = Array("\(HTTP2Session.preface)".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
        var given = 0
        let bytes = start + frames
        var goesOn = true
        while goesOn, given < bytes.count {
            let piece = Array(bytes[given..<min(given + step, bytes.count)])
            given += piece.count
            goesOn = unsafe piece.withUnsafeBytes {
                unsafe session.receive(ByteView($0), at: 1_000_000_000)
            }
            if serves { try peer.serve(session, inputBytes: piece.count) }
            if let violation = peer.violation { throw violation }
        }
        peer.session = nil
        return peer
    }

    private func serve(_ session: HTTP2Session, inputBytes: Int) throws(Violation) {
        for stream in fresh where stream.closeCode == nil {
            let head = ByteView("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n")
            guard session.submitHead(head, on: stream, hasContent: true) else { continue }
            session.send(content, on: stream, isLast: true)
        }
        open += fresh
        fresh = []
        var held = 0
        for stream in open {
            held += stream.received.count
            session.consume(stream.received.count, of: stream)
            stream.received.consume(stream.received.count)
        }
        guard held <= 256 << 10 else { throw Violation("\(held) bytes of content are held") }
        let output = OutputBuffer(limitBytes: 16 << 20)
        while session.wantsWrite {
            let before = output.count
            guard session.fill(output, limit: before + 16_384), output.count > before else { break }
        }
        session.rest()
        guard output.count <= 64 << 10 || output.count < 100 * inputBytes else {
            throw Violation("\(output.count) bytes for \(inputBytes)")
        }
        open.removeAll { $0.closeCode != nil }
        guard open.count <= 10 else { throw Violation("\(open.count) streams are open") }
    }

    func openStream() -> HTTP2Stream? {
        open.count + fresh.count < 10 ? HTTP2RequestStream(head: RequestHead()) : nil
    }

    func receivedHead(of stream: HTTP2Stream) {
        guard let stream = stream as? HTTP2RequestStream else { return }
        do throws(Violation) {
            try check(stream.head)
        } catch {
            violation = error
        }
        fresh.append(stream)
        requests.append(
            "\(stream.id) \(stream.head.methodName.string) \(stream.head.target.path.string)"
        )
    }

    func refusedHead(of stream: HTTP2Stream, _ error: HeadError) {
        requests.append("\(stream.id) \(error)")
    }

    func closed(_ stream: HTTP2Stream) {}

    /// What every later stage relies on in a head that was let in.
    private func check(_ head: RequestHead) throws(Violation) {
        let fields = head.fields
        for index in 0..<fields.count {
            let name = fields.name(index)
            let value = fields.value(index)
            guard !name.isEmpty, value.isFieldValue, value.trimmed.count == value.count,
                !name.bytes.contains(where: { $0 <= 0x20 || $0 >= 0x7F || $0 == 0x3A })
            else { throw Violation("field \(name.bytes): \(value.bytes)") }
            let isOurs = head.isExtendedConnect
            switch fields.known(index) {
            case .connection, .upgrade: if !isOurs { throw Violation("\(name.string) got in") }
            case .transferEncoding, .keepAlive, .proxyConnection:
                throw Violation("\(name.string) got in")
            default: break
            }
        }
        guard head.count(of: .host) == 1, head.count(of: .contentLength) <= 1 else {
            throw Violation("hosts or lengths")
        }
        guard
            head.method == .connect || head.target.path.hasPrefix("/")
                || head.target.path.equals("*")
        else { throw Violation("path \(head.target.path.string)") }
        for byte in head.target.path.bytes + (head.target.query?.bytes ?? [])
        where byte <= 0x20 || byte >= 0x7F { throw Violation("byte \(byte) in a target") }
    }
}
