import HTTP
import Transport

/// Sends one request to a server of HTTP/1: what stands in `output`, then the content, as the client sends it.
///
/// It looks for the server's answer meanwhile, and stops where that begins. A copy of it may go on from there.
struct RequestSender {
    let exchange: Exchange
    let connection: UpstreamConnection
    let patience: UInt64
    /// In the form in which it is sent, and not yet sent.
    var output: OutputBuffer
    private let plan: RequestWriter.BodyPlan
    /// What the rules have read of the content, as far as it is not in `output` yet.
    private var inspected: ByteView
    private var sentBytes = 0
    /// Whether the whole request has been put into `output`.
    private var hasFramedAll = false
    /// Whether the answer has begun, so that nothing is looked for any more.
    var isBesideAnswer = false

    /// Puts the head, and with it the first content, behind what `output` holds.
    init(
        _ exchange: Exchange,
        on connection: UpstreamConnection,
        patience: UInt64,
        through output: OutputBuffer
    ) {
        self.exchange = exchange
        self.connection = connection
        self.patience = patience
        self.output = output
        plan = UpstreamStage.plan(for: exchange)
        inspected = exchange.inspectedBody.readable
        RequestWriter.appendHead(of: exchange, body: plan, to: output)
        if !inspected.isEmpty { frameInspected() }
    }

    /// Sends what is left; false if the answer has begun before, or nobody wants the rest any more.
    @inline(__always)
    mutating func run() async throws(Failure) -> Bool {
        while true {
            if !output.isEmpty, try await !flush() { return false }
            if hasFramedAll { return true }
            if !inspected.isEmpty {
                frameInspected()
            } else if exchange.body.isFinished {
                try frameEnd()
            } else {
                guard try await frameNext() else { return false }
            }
        }
    }

    private mutating func frameInspected() {
        let piece = inspected.prefix(BufferPool.blockBytes)
        inspected = inspected.dropFirst(piece.count)
        frame(piece)
    }

    private mutating func frame(_ piece: ByteView) {
        sentBytes += piece.count
        if case .chunked = plan { output.appendChunk(piece) } else { output.append(piece) }
    }

    private mutating func frameEnd() throws(Failure) {
        try UpstreamStage.check(sentBytes, against: plan)
        hasFramedAll = true
        guard case .chunked = plan else { return }
        RequestWriter.appendEnd(trailers: exchange.body.trailers, to: output)
    }

    /// Waits for content, and for an answer unless that has begun.
    private mutating func frameNext() async throws(Failure) -> Bool {
        let body = exchange.body
        if !isBesideAnswer { body.watch(connection.stream) }
        defer { body.watch(nil) }
        if let piece = try await body.next() {
            frame(piece)
            return true
        }
        if body.isFinished { return true }
        // Woken by the server, or not wanted any more.
        if isBesideAnswer { return false }
        return try await !isAnswered()
    }

    /// Whether the final head has come.
    private func isAnswered() async throws(Failure) -> Bool {
        guard !isBesideAnswer, connection.stream.hasReceived else { return false }
        return try await connection.readHeadEarly(
            to: exchange.head.method,
            interim: exchange.sendInterim
        )
    }

    /// Sends what is in `output`; false if the answer has begun before all of it was taken.
    @inline(__always)
    private func flush() async throws(Failure) -> Bool {
        guard !output.isFull else { throw .gateway(.resources, detail: "request head too large") }
        // What fails here fails again below, where somebody cares.
        let sent = (try? connection.stream.writeNow(output.readable)) ?? 0
        output.consume(sent)
        return output.isEmpty ? true : try await flushRest()
    }

    /// A server that waits for its answer to be taken takes nothing more before it is.
    private func flushRest() async throws(Failure) -> Bool {
        let stream = connection.stream
        let deadline = stream.reactor.now.advanced(byNanoseconds: patience)
        while true {
            do throws(StreamError) {
                output.consume(try stream.writeNow(output.readable))
                if output.isEmpty { return true }
                try await stream.waitWritable(until: deadline, orReadable: !isBesideAnswer)
            } catch {
                // What the server says may tell why.
                if !isBesideAnswer, stream.hasReceived { return false }
                guard !error.isTimeout else { throw .upstream(.upstreamSendTimeout) }
                throw .upstream(.upstreamClosed, retry: .onFreshConnection, detail: error.text)
            }
            if try await isAnswered() { return false }
        }
    }
}
