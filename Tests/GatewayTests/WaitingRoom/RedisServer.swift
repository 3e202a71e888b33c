import Glibc
import Redis
import Support
import Synchronization

@testable import Gateway

/// A real redis-server for one test, without a disk, ended with this value.
final class RedisServer: RedisCommanding {
    private let process: pid_t
    private let descriptor: Int32
    /// Bytes received and not yet read; its lock also keeps exchanges apart.
    private let inbox = Mutex<[UInt8]>([])
    let port: UInt16

    /// Nil where there is no redis-server.
    init?() {
        guard let port = try? Loopback.freePort(), let process = Self.spawn(port: port) else {
            return nil
        }
        guard let descriptor = Self.connect(port: port) else {
            kill(process, SIGKILL)
            _ = waitpid(process, nil, 0)
            return nil
        }
        self.process = process
        self.port = port
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
        // A child inherits the blocked signals of the thread that started it: only this one is sure to arrive.
        kill(process, SIGKILL)
        _ = waitpid(process, nil, 0)
    }

    static var isInstalled: Bool {
        ["/usr/bin/redis-server", "/usr/local/bin/redis-server"].contains { (path: String) in
            unsafe access(path, X_OK) == 0
        }
    }

    func command(_ arguments: [[UInt8]]) async throws -> RESPValue { exchange(arguments) }

    func command(_ words: String...) -> RESPValue { exchange(words.map { Array($0.utf8) }) }

    /// How many functions were called.
    var functionCalls: Int {
        guard case .bulk(let bytes) = command("INFO", "commandstats") else { return 0 }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
        guard let line = lines.first(where: { $0.hasPrefix("cmdstat_fcall:calls=") }) else {
            return 0
        }
        return Int(line.dropFirst(20).prefix { $0.isNumber }) ?? 0
    }

    func exchange(_ words: [String]) -> RESPValue { exchange(words.map { Array($0.utf8) }) }

    func exchange(_ arguments: [[UInt8]]) -> RESPValue {
        inbox.withLock { inbox in
            var request = Array("*\(arguments.count)\r\n".utf8)
            for argument in arguments {
                request += Array("$\(argument.count)\r\n".utf8) + argument + [13, 10]
            }
            var sent = 0
            while sent < request.count {
                let rest = Array(request[sent...])
                let count = unsafe send(descriptor, rest, rest.count, Int32(MSG_NOSIGNAL))
                guard count > 0 else { return .error("the connection is gone") }
                sent += count
            }
            return value(&inbox)
        }
    }

    private func value(_ inbox: inout [UInt8]) -> RESPValue {
        let text = line(&inbox)
        let rest = String(text.dropFirst())
        switch text.first {
        case "+": return .simple(rest)
        case "-": return .error(rest)
        case ":": return .integer(Int64(rest) ?? 0)
        case "$":
            return Int(rest).map { $0 < 0 ? .null : .bulk(octets($0 + 2, &inbox).dropLast(2)) }
                ?? .null
        case "*":
            return Int(rest).map { $0 < 0 ? .null : .array((0..<$0).map { _ in value(&inbox) }) }
                ?? .null
        default: return .error("the connection is gone")
        }
    }

    private func line(_ inbox: inout [UInt8]) -> String {
        while true {
            if let end = inbox.firstIndex(of: 10) {
                return String(decoding: octets(end + 1, &inbox).dropLast(2), as: UTF8.self)
            }
            guard receive(&inbox) else { return "" }
        }
    }

    private func octets(_ count: Int, _ inbox: inout [UInt8]) -> [UInt8] {
        while inbox.count < count {
            guard receive(&inbox) else { return [UInt8](repeating: 0, count: count) }
        }
        defer { inbox.removeFirst(count) }
        return Array(inbox.prefix(count))
    }

    private func receive(_ inbox: inout [UInt8]) -> Bool {
        var part = [UInt8](repeating: 0, count: 16_384)
        let size = part.count
        var received = 0
        repeat {
            received = unsafe recv(descriptor, &part, size, 0)
        } while received < 0 && errno == EINTR
        guard received > 0 else { return false }
        inbox += part.prefix(received)
        return true
    }

    private static func address(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = port.bigEndian
        return address
    }

    private static func withAddress<Result>(
        _ address: inout sockaddr_in,
        _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func connect(port: UInt16) -> Int32? {
        var address = address(port: port)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let result = unsafe withAddress(&address) { unsafe Glibc.connect(descriptor, $0, $1) }
        if result == 0 { return descriptor }
        close(descriptor)
        return nil
    }

    /// Starts the server and reads its log until it says that it is ready.
    private static func spawn(port: UInt16) -> pid_t? {
        var pipes: [Int32] = [0, 0]
        guard unsafe pipe(&pipes) == 0 else { return nil }
        defer { close(pipes[0]) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawn_file_actions_adddup2(&actions, pipes[1], 1)
        unsafe posix_spawn_file_actions_addclose(&actions, pipes[0])
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        let words = [
            "redis-server", "--port", "\(port)", "--save", "", "--bind", "127.0.0.1", "--dir",
            "/tmp",
        ]
        var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { for index in unsafe arguments.indices { unsafe free(arguments[index]) } }
        var process: pid_t = 0
        let result = unsafe posix_spawnp(
            &process,
            "redis-server",
            &actions,
            nil,
            &arguments,
            environ
        )
        close(pipes[1])
        guard result == 0 else { return nil }
        var log: [UInt8] = []
        let ready = Array("Ready to accept connections".utf8)
        var byte: UInt8 = 0
        while !log.suffix(ready.count).elementsEqual(ready) {
            guard unsafe read(pipes[0], &byte, 1) == 1, log.count < 65_536 else { return nil }
            log.append(byte)
        }
        return process
    }
}
