import Foundation
import Glibc

/// A program that is run to its end for what it says, such as curl or openssl.
public enum Tool {
    public struct Output: Sendable {
        public var status: Int32
        /// Standard output and error output, in the order written.
        public var text: String
    }

    /// Runs a program with a deadline; it is killed when that passes.
    public static func run(
        _ name: String,
        _ arguments: [String],
        folder: String? = nil,
        within duration: Duration = Patience.long
    ) throws -> Output {
        let temporary = try TemporaryFolder()
        let output = temporary.file("output")
        let process = try ChildProcess(name, arguments, output: output, folder: folder)
        guard let ending = process.waitForEnd(within: duration) else {
            process.send(SIGKILL)
            throw WireError.timedOut(received: temporary.read("output"))
        }
        let status: Int32 =
            switch ending {
            case .exited(let code): code
            case .signalled(let signal): 128 + signal
            }
        return Output(status: status, text: temporary.read("output"))
    }

    /// Whether a program of this name is on the path.
    public static func exists(_ name: String) -> Bool {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return "\(path):/usr/sbin:/sbin".split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
        }
    }

    /// A self-signed P-256 certificate for localhost and 127.0.0.1, as `server.pem` and `server.key` in the folder.
    public static func makeCertificate(in folder: TemporaryFolder) throws {
        let output = try run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes", "-days", "3",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-keyout", folder.file("server.key"), "-out", folder.file("server.pem"),
            ]
        )
        guard output.status == 0 else { throw WireError.malformed(output.text) }
    }
}
