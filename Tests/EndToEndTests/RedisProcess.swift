import Support
import Testing

/// A Redis of its own on a free port, which keeps nothing.
final class RedisProcess {
    let port: UInt16
    private let process: ChildProcess
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        port = try Loopback.freePort()
        process = try ChildProcess(
            "redis-server",
            [
                "--bind", "127.0.0.1", "--port", "\(port)", "--save", "", "--appendonly", "no",
                "--dir", folder.path,
            ],
            output: folder.file("output")
        )
        let port = port
        let isReady = eventually { Loopback.isListening(port: port) }
        try #require(isReady, "redis-server did not start: \(folder.read("output"))")
    }

    deinit { process.stop() }

    /// Ends it, with all it holds.
    func stop() { process.stop() }

    /// What Redis answers to a command, as redis-cli prints it.
    func command(_ words: String...) throws -> String {
        try Tool.run("redis-cli", ["-p", "\(port)"] + words).text
    }
}
