import Foundation
import Glibc
import Support
import Testing

extension Stories {
    /// A new program takes over the sockets of the old one, which nobody notices.
    @Suite(.haniel)
    struct UpgradeTests {
        /// The processes that the gateway has started.
        private static func successors(of gateway: GatewayProcess) -> [pid_t] {
            let process = gateway.process.processID
            let path = "/proc/\(process)/task/\(process)/children"
            let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            return text.split(separator: " ").compactMap { pid_t($0) }
        }

        @Test func `A successor takes over while requests are answered and connections stay`()
            throws
        {
            let goOn = Signal()
            let origin = try TestOrigin { request, connection in
                if request.target == "/slow" { _ = goOn.wait(within: .seconds(20)) }
                try connection.respond(body: Array(request.target.utf8))
            }
            let gateway = try GatewayProcess(origin: origin)
            let idle = try gateway.connect()
            try idle.send(GatewayProcess.get("/first"))
            #expect(try idle.receiveResponse().text == "/first")
            let busy = try gateway.connect()
            try busy.send(GatewayProcess.get("/slow"))
            #expect(eventually { origin.requests.contains { $0.target == "/slow" } })

            gateway.process.send(SIGUSR2)
            var found: [pid_t] = []
            let hasStarted = eventually(within: .seconds(10)) {
                found = Self.successors(of: gateway)
                return !found.isEmpty && gateway.logs("output", "stopping")
            }
            defer { for process in found { kill(process, SIGTERM) } }
            #expect(hasStarted, "\(gateway.folder.read("output"))")

            #expect(try gateway.get("/new").text == "/new", "new connections are accepted")
            try idle.send(GatewayProcess.get("/second"))
            let last = try idle.receiveResponse()
            #expect(last.text == "/second", "a request on an idle connection is still answered")
            #expect(last.announcesClose)
            goOn.raise()
            #expect(try busy.receiveResponse().text == "/slow")
            busy.close()
            idle.close()
            #expect(gateway.process.waitForEnd(within: .seconds(20)) == .exited(0))
            #expect(try gateway.get("/after").text == "/after", "the successor serves alone")
            #expect(Loopback.isListening(port: gateway.adminPort))
        }

        @Test func `A successor that cannot start changes nothing`() throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let gateway = try GatewayProcess(origin: origin)
            let text = gateway.folder.read("haniel.yaml")
            try gateway.folder.write(text + "nonsense: true\n", to: "haniel.yaml")
            gateway.process.send(SIGUSR2)
            #expect(gateway.logs("output", "successor ended"))
            #expect(try gateway.get("/").status == 200)
            #expect(!gateway.process.hasEnded)
        }

        @Test func `A supervisor is told of the start, of reloads and of the end`() throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let folder = try TemporaryFolder()
            let listener = try NotifySocket(path: folder.file("notify"))
            unsafe setenv("NOTIFY_SOCKET", folder.file("notify"), 1)
            unsafe setenv("WATCHDOG_USEC", "1000000", 1)
            let gateway = try GatewayProcess(origin: origin)
            unsafe unsetenv("NOTIFY_SOCKET")
            unsafe unsetenv("WATCHDOG_USEC")
            let heard = { (words: String) in
                eventually(within: .seconds(10)) {
                    listener.messages().contains { $0.contains(words) }
                }
            }
            #expect(heard("FDSTORE=1"))
            #expect(heard("READY=1\nMAINPID=\(gateway.process.processID)"))
            #expect(heard("WATCHDOG=1"))
            gateway.process.send(SIGHUP)
            #expect(heard("RELOADING=1\nMONOTONIC_USEC="))
            gateway.process.send(SIGTERM)
            #expect(heard("STOPPING=1"))
        }
    }
}

/// The supervisor's end of its notification socket.
private final class NotifySocket {
    private let descriptor: Int32
    private var received: [String] = []

    init(path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in
            for (index, byte) in path.utf8.enumerated() where index < 107 {
                unsafe room[index] = byte
            }
        }
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw WireError.failed(call: "bind", errno: errno) }
    }

    deinit { close(descriptor) }

    /// Everything heard so far.
    func messages() -> [String] {
        var room = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe recv(descriptor, &room, room.count, 0)
            guard count > 0 else { return received }
            received.append(String(decoding: room.prefix(count), as: UTF8.self))
        }
    }
}
