import HTTP
import Transport

/// The listener for operators: `/livez`, `/readyz`, `/metrics`, `/rooms`, `/dashboard`. It belongs on an
/// address that the public cannot reach.
struct AdminServer {
    let shared: SharedState
    let reactor: Reactor

    private static let patienceNanoseconds: UInt64 = 10_000_000_000

    /// Serves one connection: small GETs, one after the other.
    func serve(_ stream: ByteStream) async {
        defer { stream.close() }
        let input = InputBuffer(pool: reactor.buffers)
        var parser = RequestParser()
        do {
            while try await readHead(stream, input, &parser) {
                let output = OutputBuffer()
                write(await answer(parser.head), to: parser.head, output)
                try await stream.write(output.readable, until: deadline)
                guard parser.head.keepAlive, parser.head.framing == .none else { return }
            }
        } catch {
            // An operator's tool that breaks off, or speaks no HTTP, concerns nobody else.
            return
        }
    }

    private var deadline: Instant { reactor.now.advanced(byNanoseconds: Self.patienceNanoseconds) }

    private func readHead(_ stream: ByteStream, _ input: InputBuffer, _ parser: inout RequestParser)
        async throws -> Bool
    {
        while true {
            if input.count > 0, let length = try parser.parse(input.readable) {
                input.consume(length)
                return true
            }
            guard input.makeRoom(limit: BufferPool.blockBytes),
                try await input.fill(from: stream, until: deadline) > 0
            else {
                return false
            }
        }
    }

    private func answer(_ head: RequestHead) async -> (
        status: Int, type: StaticString, body: String
    ) {
        let rooms = RoomAdministration(
            rooms: shared.snapshot?.rooms.map(\.room) ?? [],
            origins: shared.snapshot?.configuration.admin.origins ?? []
        )
        if let answer = await rooms.answer(head) {
            return (answer.status, answer.type, answer.body)
        }
        guard head.method == .get || head.method == .head else {
            return (405, "text/plain", "only GET\n")
        }
        switch head.target.path.string {
        case "/livez": return (200, "text/plain", "ok\n")
        case "/readyz":
            return shared.isDraining
                ? (503, "text/plain", "draining\n") : (200, "text/plain", "ok\n")
        case "/metrics": return (200, "text/plain; version=0.0.4", Metrics(shared: shared).text)
        default:
            return (
                404, "text/plain", "there are /livez, /readyz, /metrics, /rooms and /dashboard\n"
            )
        }
    }

    private func write(
        _ answer: (status: Int, type: StaticString, body: String),
        to head: RequestHead,
        _ output: OutputBuffer
    ) {
        output.appendStatusLine(answer.status)
        output.appendField("content-type", answer.type)
        output.appendField("cache-control", "no-store" as StaticString)
        output.appendField("content-length", decimal: answer.body.utf8.count)
        if !head.keepAlive { output.append("connection: close\r\n") }
        output.appendCRLF()
        if head.method != .head { output.append(answer.body) }
    }
}
