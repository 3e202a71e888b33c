import Glibc
import Support
import Testing

/// A directory of its own, gone with all that lies in it when nobody needs it any more.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/redis-tests-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw RedisServer.Failure(reason: "mkdtemp") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        guard let list = unsafe opendir(path) else { return }
        while let entry = unsafe readdir(list) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            _ = unsafe unlink("\(path)/\(name)")
        }
        _ = unsafe closedir(list)
        _ = unsafe rmdir(path)
    }
}

/// A redis-server process of this test alone, on a free port of the loopback, with nothing on disk but its socket.
final class RedisServer: Sendable {
    static let path = "/usr/bin/redis-server"
    static var isInstalled: Bool { unsafe access(path, X_OK) == 0 }

    struct Failure: Error {
        let reason: String
    }

    let port: UInt16
    var directory: String { home.path }
    private let home: TemporaryDirectory
    private let process: pid_t

    /// Starts the server and returns when it accepts connections.
    ///
    /// - Parameter options: for its command line; `PORT` and `DIRECTORY` stand for this server's own.
    init(_ options: [String] = ["--port", "PORT"], port: UInt16? = nil) throws {
        self.port = try port ?? Loopback.freePort()
        let home = try TemporaryDirectory()
        self.home = home
        let number = String(self.port)
        let arguments =
            [
                Self.path, "--save", "", "--bind", "127.0.0.1", "--dir", home.path, "--loglevel",
                "notice",
            ]
            + options.map {
                $0.split(separator: "DIRECTORY", omittingEmptySubsequences: false).joined(
                    separator: home.path
                )
            }
            .map { $0 == "PORT" ? number : $0 }
        process = try Self.spawn(arguments)
    }

    deinit {
        stop()
    }

    /// Ends the process at once, as a crash would.
    func stop() {
        guard kill(process, SIGKILL) == 0 else { return }
        var status: Int32 = 0
        _ = unsafe waitpid(process, &status, 0)
    }

    /// The server tells on its output when it is ready.
    private static func spawn(_ arguments: [String]) throws -> pid_t {
        var pipe: [Int32] = [-1, -1]
        guard unsafe Glibc.pipe(&pipe) == 0 else { throw Failure(reason: "pipe") }
        for end in pipe { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(pipe[0]) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, pipe[1], 1)
        var process = pid_t()
        var words = unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer { for index in unsafe words.indices { unsafe free(words[index]) } }
        let result = unsafe posix_spawn(&process, arguments[0], &actions, nil, &words, environ)
        close(pipe[1])
        guard result == 0 else { throw Failure(reason: "posix_spawn") }
        var output = ""
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !output.contains("eady to accept connections") {
            let count = unsafe read(pipe[0], &buffer, buffer.count)
            guard count > 0 else { throw Failure(reason: output) }
            output += String(decoding: buffer[..<count], as: UTF8.self)
        }
        return process
    }
}
