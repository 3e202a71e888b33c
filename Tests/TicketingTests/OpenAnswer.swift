import Dispatch
import Glibc
import Support
import Synchronization

/// An answer that is read bit by bit while the server goes on with it.
final class OpenAnswer: Sendable {
    private static let waitSeconds = 60

    private let descriptor: Mutex<CInt?>
    private let received = Mutex<[UInt8]>([])

    init(_ path: String, of client: SocketClient) throws {
        let request = "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(client.port)\r\n\r\n"
        let descriptor = try SocketClient.ask(Array(request.utf8), port: client.port)
        var patience = timeval(tv_sec: Self.waitSeconds, tv_usec: 0)
        unsafe setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_RCVTIMEO,
            &patience,
            socklen_t(MemoryLayout<timeval>.size)
        )
        self.descriptor = Mutex(descriptor)
    }

    deinit { hangUp() }

    /// All that came, once it contains `text`, the server has ended it or nothing came for a minute.
    func text(until text: String) async -> String {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: self.read(until: text))
            }
        }
    }

    /// All that came until the server hung up; nil if it did not.
    func rest() async -> String? {
        let all = await text(until: "\u{0}")
        return isEnded ? all : nil
    }

    /// Leaves without a word.
    func hangUp() {
        if let descriptor = descriptor.withLock({ $0.take() }) { close(descriptor) }
    }

    private var isEnded: Bool {
        guard let descriptor = descriptor.withLock({ $0 }) else { return false }
        var byte: UInt8 = 0
        return unsafe recv(descriptor, &byte, 1, CInt(MSG_DONTWAIT)) == 0
    }

    private func read(until text: String) -> String {
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let all = received.withLock { String(decoding: $0, as: UTF8.self) }
            guard let descriptor = descriptor.withLock({ $0 }), !all.contains(text) else {
                return all
            }
            let count = unsafe recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { return all }
            received.withLock { $0 += chunk[..<count] }
        }
    }
}
