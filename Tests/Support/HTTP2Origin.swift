import Foundation
import Glibc
import Synchronization

/// A server of HTTP/2 without TLS whose every frame a test decides: one thread per connection.
public final class HTTP2Origin: Sendable {
    /// Serves one connection to its end.
    public typealias Script = @Sendable (_ connection: HTTP2Wire, _ number: Int) throws -> Void

    public let port: UInt16
    private let listener: Int32
    private let connections = Atomic(0)

    public init(_ script: @escaping Script) throws {
        port = try Loopback.freePort()
        listener = try Loopback.listen(port: port)
        let listener = listener
        Thread.detachNewThread { [weak self] in
            while true {
                let descriptor = Glibc.accept(listener, nil, nil)
                guard descriptor >= 0 else { break }
                let number = self?.connections.wrappingAdd(1, ordering: .relaxed).newValue ?? 0
                Thread.detachNewThread {
                    let wire = Wire(descriptor: descriptor, patience: Patience.usual)
                    defer { wire.close() }
                    guard let connection = try? HTTP2Wire(serving: wire) else { return }
                    try? script(connection, number)
                }
            }
            _ = close(listener)
        }
    }

    deinit { _ = shutdown(listener, Int32(SHUT_RDWR)) }

    /// Connections accepted so far.
    public var connectionCount: Int { connections.load(ordering: .relaxed) }

    /// Answers every request by what `respond` sends, one after the other.
    public convenience init(
        answering respond:
            @escaping @Sendable (
                _ request: HTTP2Response, _ stream: UInt32, _ connection: HTTP2Wire
            ) throws -> Void
    ) throws {
        try self.init { connection, _ in
            var answered: Set<UInt32> = []
            while true {
                let complete = connection.responses.filter {
                    $0.value.isComplete && !answered.contains($0.key)
                }
                for (stream, request) in complete.sorted(by: { $0.key < $1.key }) {
                    answered.insert(stream)
                    try respond(request, stream, connection)
                }
                if complete.isEmpty, try connection.receive() == nil { return }
            }
        }
    }
}
