import Glibc
import Support
import Testing

extension Stories {
    /// The stories stand on these tools; here they meet each other without a gateway between them.
    @Suite struct HarnessTests {
        @Test func `A client and a scripted origin understand each other`() throws {
            let origin = try TestOrigin { request, connection in
                try connection.respondChunked(
                    [request.body, Array("!".utf8)],
                    trailers: [("X-Sum", "1")]
                )
            }
            let wire = try Loopback.connect(port: origin.port)
            for _ in 0..<2 {
                try wire.send(GatewayProcess.post("/a", body: "seat=7"))
                let answer = try wire.receiveResponse(to: "POST")
                #expect(answer.status == 200)
                #expect(answer.text == "seat=7!")
                #expect(answer.trailers.first?.value == "1")
            }
            #expect(origin.requests.map(\.target) == ["/a", "/a"])
            #expect(origin.connectionCount == 1)
        }

        @Test func `A stopped origin refuses connections`() throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            #expect(Loopback.isListening(port: origin.port))
            origin.stop()
            #expect(eventually { !Loopback.isListening(port: origin.port) })
        }

        @Test(.enabled(if: Tool.exists("python3")))
        func `A port that was handed out is no other process's`() throws {
            let port = try Loopback.freePort()
            let script = """
                import fcntl, sys
                file = open("\(Loopback.claimsPath)", "r+")
                try: fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, int(sys.argv[1]))
                except OSError: print("taken")
                """
            #expect(try Tool.run("python3", ["-c", script, "\(port)"]).text == "taken\n")
            #expect(try Tool.run("python3", ["-c", script, "\(40_000 + getpid())"]).text.isEmpty)
        }

        @Test func `Waiting for a silent peer ends by the deadline`() throws {
            let origin = try TestOrigin { _, connection in
                _ = try connection.wire.isEnded(within: .seconds(5))
            }
            let wire = try Loopback.connect(port: origin.port, patience: .milliseconds(50))
            try wire.send(GatewayProcess.get("/"))
            #expect(throws: WireError.self) { try wire.receiveHead() }
            #expect(try !wire.isEnded(within: .milliseconds(20)))
        }

        @Test func `A program's output and ending are seen`() throws {
            let output = try Tool.run("sh", ["-c", "echo out; echo err >&2; exit 3"])
            #expect(output.status == 3)
            #expect(output.text == "out\nerr\n")
        }

        @Test func `A program that does not stop is killed`() throws {
            let folder = try TemporaryFolder()
            let script = "trap '' TERM; echo ready; while :; do read -t 1 line; done"
            let process = try ChildProcess("bash", ["-c", script], output: folder.file("output"))
            #expect(eventually { folder.read("output") == "ready\n" })
            #expect(process.stop(within: .milliseconds(100)) == .signalled(9))
        }
    }
}
