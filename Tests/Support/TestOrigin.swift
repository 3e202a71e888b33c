import Foundation
import Glibc
import Synchronization

/// An HTTP/1.1 server whose every byte a test decides: one thread per connection, no cleverness.
///
/// Listens until it is stopped or forgotten. What it received is kept for the test to look at.
public final class TestOrigin: Sendable {
    /// Answers one request; throwing, or closing the connection, ends it.
    public typealias Script =
        @Sendable (_ request: WireMessage, _ connection: OriginConnection) throws -> Void

    public let port: UInt16
    private let state: State

    /// What the connection threads share with the test; the origin itself is not kept alive by its threads.
    private final class State: Sendable {
        let script: Script
        let readsBodies: Bool
        let listener: Int32
        let isStopped = Atomic(false)
        let requests = Mutex<[WireMessage]>([])
        let connectionCount = Atomic(0)

        init(listener: Int32, readsBodies: Bool, script: @escaping Script) {
            self.listener = listener
            self.readsBodies = readsBodies
            self.script = script
        }
    }

    /// - Parameter readsBodies: whether a request is handed over with its body; otherwise the script reads it.
    public init(port: UInt16? = nil, readsBodies: Bool = true, _ script: @escaping Script) throws {
        let port = try port ?? Loopback.freePort()
        self.port = port
        let state = State(
            listener: try Loopback.listen(port: port),
            readsBodies: readsBodies,
            script: script
        )
        self.state = state
        Thread.detachNewThread { Self.accept(state) }
    }

    deinit { stop() }

    /// Everything received so far, in the order of arrival.
    public var requests: [WireMessage] { state.requests.withLock(\.self) }
    /// Connections accepted so far.
    public var connectionCount: Int { state.connectionCount.load(ordering: .relaxed) }

    /// Refuses further connections and ends the present ones at their next request.
    public func stop() {
        guard !state.isStopped.exchange(true, ordering: .relaxed) else { return }
        // A thread blocked in accept does not notice that its descriptor is closed, but it does notice a shutdown.
        _ = shutdown(state.listener, Int32(SHUT_RDWR))
    }

    private static func accept(_ state: State) {
        while !state.isStopped.load(ordering: .relaxed) {
            let descriptor = Glibc.accept(state.listener, nil, nil)
            guard descriptor >= 0 else {
                if errno == EINTR { continue }
                break
            }
            let number = state.connectionCount.wrappingAdd(1, ordering: .relaxed).newValue
            Thread.detachNewThread {
                let wire = Wire(descriptor: descriptor, patience: Patience.usual)
                serve(OriginConnection(wire: wire, number: number), state)
            }
        }
        _ = close(state.listener)
    }

    private static func serve(_ connection: OriginConnection, _ state: State) {
        defer { connection.wire.close() }
        while !state.isStopped.load(ordering: .relaxed) {
            guard var request = try? connection.wire.receiveHead() else { return }
            do {
                if state.readsBodies {
                    if request["expect"] != nil {
                        try connection.wire.send("HTTP/1.1 100 Continue\r\n\r\n")
                    }
                    try connection.wire.receiveBody(of: &request, isResponse: false)
                }
                let received = request
                state.requests.withLock { $0.append(received) }
                guard !state.isStopped.load(ordering: .relaxed) else { return }
                try state.script(request, connection)
            } catch {
                return
            }
        }
    }
}

/// The origin's side of one connection.
public final class OriginConnection {
    public let wire: Wire
    /// Counts the origin's connections from 1.
    public let number: Int

    init(wire: Wire, number: Int) {
        self.wire = wire
        self.number = number
    }

    /// A whole response with a Content-Length.
    public func respond(
        _ status: Int = 200,
        _ fields: [(String, String)] = [],
        body: [UInt8] = Array("ok\n".utf8),
        toHead: Bool = false
    ) throws {
        var head = "HTTP/1.1 \(status) Status\r\nContent-Length: \(body.count)\r\n"
        for (name, value) in fields { head += "\(name): \(value)\r\n" }
        try wire.send(Array("\(head)\r\n".utf8) + (toHead ? [] : body))
    }

    /// A whole response in chunks, with trailers.
    public func respondChunked(
        _ chunks: [[UInt8]],
        fields: [(String, String)] = [],
        trailers: [(String, String)] = []
    ) throws {
        var head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
        for (name, value) in fields { head += "\(name): \(value)\r\n" }
        try wire.send("\(head)\r\n")
        for chunk in chunks {
            try wire.send(Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + [13, 10])
        }
        try wire.send("0\r\n" + trailers.map { "\($0.0): \($0.1)\r\n" }.joined() + "\r\n")
    }
}
