import Glibc
import Support
import Testing

extension Stories {
    /// Changing and ending a gateway that people are using.
    @Suite(.haniel)
    struct ReloadTests {
        private static let routes =
            "  - paths: [\"/word\"]\n    answer: {body: \"before\"}\n  - proxy: origin\n"

        @Test func `A reload changes the answer on a connection that stays open`() throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let gateway = try GatewayProcess(origin: origin, routes: Self.routes)
            let wire = try gateway.connect()
            let word = {
                try wire.send(GatewayProcess.get("/word"))
                return try wire.receiveResponse().text
            }
            #expect(try word() == "before")
            try gateway.reload { $0.replacing("before", with: "after") }
            #expect(try eventually { try word() == "after" })
        }

        @Test(arguments: [
            ("broken YAML", "routes: [", "haniel.yaml:"),
            ("an unknown key", "workerz: 2", "workerz"),
            (
                "an upstream that does not exist",
                "sessions:\n  store: upstream\n  upstream: nowhere", "nowhere"
            ),
        ])
        func `A configuration with a mistake changes nothing and says why`(
            name: String,
            addition: String,
            word: String
        ) throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let gateway = try GatewayProcess(origin: origin, routes: Self.routes)
            let wire = try gateway.connect()
            try wire.send(GatewayProcess.get("/word"))
            #expect(try wire.receiveResponse().text == "before")
            try gateway.reload { $0.replacing("before", with: "after") + addition + "\n" }
            #expect(gateway.logs("output", word))
            try wire.send(GatewayProcess.get("/word"))
            #expect(try wire.receiveResponse().text == "before")
            #expect(!gateway.process.hasEnded)
        }

        @Test func `A reload takes up a new certificate for new connections`() throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let gateway = try GatewayProcess(origin: origin)
            let fingerprint = {
                let arguments = [
                    "s_client", "-connect", "127.0.0.1:\(gateway.tlsPort)", "-servername",
                    "localhost",
                ]
                let text = try Tool.run("openssl", arguments).text
                return text.split(separator: "-----BEGIN CERTIFICATE-----").dropFirst().first.map(
                    String.init
                ) ?? ""
            }
            let first = try fingerprint()
            #expect(first.count > 100)
            try Tool.makeCertificate(in: gateway.folder)
            gateway.process.send(SIGHUP)
            #expect(try eventually { try fingerprint() != first })
        }

        @Test
        func `A new certificate is shown by every worker, also by those that had nothing to do`()
            throws
        {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            var setup = GatewayProcess.Setup(origins: [origin.port], keeping: [origin])
            setup.workers = 4
            let gateway = try GatewayProcess(setup)
            let serials = {
                let script = """
                    for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
                      openssl s_client -connect 127.0.0.1:\(gateway.tlsPort) </dev/null 2>/dev/null |
                        openssl x509 -noout -serial
                    done
                    """
                let lines = try Tool.run("bash", ["-c", script]).text.split(separator: "\n")
                return Set(lines.map(String.init))
            }
            let before = try serials()
            #expect(before.count == 1)
            try Tool.makeCertificate(in: gateway.folder)
            gateway.process.send(SIGHUP)
            #expect(gateway.logs("output", "reloaded"))
            let after = try serials()
            #expect(after.count == 1)
            #expect(after != before)
        }

        @Test func `A server that health checks had given up is used again without them`() throws {
            let origin = try TestOrigin { request, connection in
                try connection.respond(request.target == "/health" ? 500 : 200)
            }
            let health =
                "    health: {path: /health, interval: 100ms, timeout: 50ms, fall: 1, rise: 1}\n"
            let gateway = try GatewayProcess(origin: origin, upstream: health)
            #expect(try eventually { try gateway.get("/").status == 503 })
            try gateway.reload { $0.replacing(health, with: "") }
            #expect(try eventually { try gateway.get("/").status == 200 })
        }

        @Test func `Stopping lets requests in flight finish and takes no new ones`() throws {
            let mayAnswer = Signal()
            let origin = try TestOrigin { _, connection in
                guard mayAnswer.wait(within: .seconds(20)) else { return }
                try connection.respond(body: Array("finished".utf8))
            }
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect()
            try wire.send(GatewayProcess.get("/"))
            #expect(eventually { origin.requests.count == 1 })
            gateway.process.send(SIGTERM)
            let port = gateway.port
            #expect(eventually { !Loopback.isListening(port: port) })
            mayAnswer.raise()
            let answer = try wire.receiveResponse()
            #expect(answer.text == "finished")
            #expect(answer.announcesClose)
            #expect(gateway.process.waitForEnd(within: .seconds(10)) == .exited(0))
        }

        @Test func `Stopping ends idle connections at once`() throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect()
            try wire.send(GatewayProcess.get("/"))
            #expect(try wire.receiveResponse().status == 200)
            gateway.process.send(SIGTERM)
            #expect(try wire.isEnded())
            #expect(gateway.process.waitForEnd(within: .seconds(5)) == .exited(0))
        }
    }
}
