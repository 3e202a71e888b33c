import Glibc
import Support
import Testing

extension Stories {
    /// Hosts that ask more of their clients than others behind the same port.
    @Suite(.haniel)
    struct HostPolicyTests {
        /// Files of an authority that signs clients, with one client in good standing and one whose
        /// certificate is revoked.
        private static let script = """
            set -e
            new() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout $1.key "${@:2}"; }
            new ca -x509 -days 3 -subj "/CN=clients" -out ca.pem
            for name in good bad; do
              new $name -subj "/O=Tickets/CN=$name" -out $name.csr
              openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3 -out $name.pem
            done
            new guarded -x509 -days 3 -subj "/CN=guarded.test" \
              -addext "subjectAltName=DNS:guarded.test,DNS:*.guarded.test" -out guarded.pem
            touch index.txt; echo 01 > crlnumber
            cat > ca.cnf <<END
            [ca]
            default_ca = all
            [all]
            database = index.txt
            crlnumber = crlnumber
            default_md = sha256
            default_crl_days = 3
            END
            openssl ca -config ca.cnf -cert ca.pem -keyfile ca.key -revoke bad.pem
            openssl ca -config ca.cnf -cert ca.pem -keyfile ca.key -gencrl -out crl.pem
            openssl ca -config ca.cnf -cert ca.pem -keyfile ca.key -revoke good.pem
            openssl ca -config ca.cnf -cert ca.pem -keyfile ca.key -gencrl -out all.pem
            openssl ocsp -index index.txt -CA ca.pem -issuer ca.pem -rsigner ca.pem -rkey ca.key -cert bad.pem \
              -respout staple.der -noverify
            """

        private struct Scene {
            let files: TemporaryFolder
            let origin: TestOrigin
            let gateway: GatewayProcess

            /// curl to the host, with further options.
            func curl(_ host: String, _ options: String...) throws -> Tool.Output {
                let port = gateway.tlsPort
                let usual = [
                    "-sSk", "--max-time", "20", "--resolve", "\(host):\(port):127.0.0.1", "-o",
                    "/dev/null",
                    "-w", "%{http_code}",
                ]
                return try Tool.run("curl", usual + options + ["https://\(host):\(port)/"])
            }

            func shown(_ name: String) -> [String] {
                ["--cert", files.file("\(name).pem"), "--key", files.file("\(name).key")]
            }
        }

        private static func scene(_ mode: String, minimumVersion: String = "1.3") throws -> Scene {
            let files = try TemporaryFolder()
            let output = try Tool.run("bash", ["-c", script], folder: files.path)
            try #require(output.status == 0, "\(output.text)")
            let origin = try TestOrigin { _, connection in try connection.respond() }
            var setup = GatewayProcess.Setup(origins: [origin.port], keeping: [origin])
            setup.certificates = """
                    - certificate: "\(files.file("guarded.pem"))"
                      key: "\(files.file("guarded.key"))"
                      minimum_version: \(minimumVersion)
                      client_certificates: \(mode)
                      client_authorities: "\(files.file("ca.pem"))"
                      client_revocations: "\(files.file("crl.pem"))"
                      staple: "\(files.file("staple.der"))"

                """
            return Scene(files: files, origin: origin, gateway: try GatewayProcess(setup))
        }

        @Test func `A host that asks for certificates lets in who has one, and says who it is`()
            throws
        {
            let scene = try Self.scene("required")
            #expect(try scene.curl("localhost").text == "200")
            #expect(try scene.curl("guarded.test").status != 0, "no certificate")
            let good = scene.shown("good")
            #expect(
                try scene.curl(
                    "guarded.test",
                    good[0],
                    good[1],
                    good[2],
                    good[3],
                    "-H",
                    "Client-Cert: :forged:",
                    "-H",
                    "Client-Cert-Chain: :forged:"
                ).text == "200"
            )
            let request = try #require(scene.origin.requests.last)
            #expect(request.values(of: "client-cert").count == 1)
            #expect(request["client-cert"]?.hasPrefix(":MII") == true)
            #expect(request["client-cert-chain"] == nil)
            #expect(scene.gateway.logs("access.log", "CN=good"))
            #expect(scene.gateway.logs("access.log", "\"tls.client.ja4\":\"t13"))
            let bad = scene.shown("bad")
            #expect(
                try scene.curl("guarded.test", bad[0], bad[1], bad[2], bad[3]).status != 0,
                "revoked"
            )
            #expect(try scene.curl("localhost", "-H", "Client-Cert: :forged:").text == "200")
            #expect(scene.origin.requests.last?["client-cert"] == nil)
        }

        @Test(arguments: ["--http1.1", "--http2"])
        func `A connection made for one host does not lead into another`(version: String) throws {
            let scene = try Self.scene("required")
            for host in [
                "guarded.test", "GUARDED.test:443", "guarded.test.", "guarded.test.:443",
                "a.guarded.test", "a.guarded.test.", "a.b.guarded.test", "a.b.Guarded.test.",
            ] {
                let status = try scene.curl("localhost", version, "-H", "Host: \(host)").text
                #expect(status == "421", "\(host)")
            }
            #expect(try scene.curl("localhost", "-H", "Host: elsewhere.test").text == "200")
        }

        @Test(arguments: ["-tls1_3", "-tls1_2"])
        func `A certificate that is revoked resumes no session from before`(version: String)
            throws
        {
            let scene = try Self.scene("required", minimumVersion: "1.2")
            let port = scene.gateway.tlsPort
            let ask = { (options: String) in
                let script = """
                    printf 'GET / HTTP/1.1\\r\\nHost: guarded.test\\r\\nConnection: close\\r\\n\\r\\n' |
                      openssl s_client -connect 127.0.0.1:\(port) -servername guarded.test \
                        \(version) -ign_eof \(options)
                    """
                return try Tool.run("bash", ["-c", script], folder: scene.files.path).text
            }
            let first = try ask("-cert good.pem -key good.key -sess_out session")
            #expect(first.contains("HTTP/1.1 200"), "\(first)")
            let resumed = try ask("-sess_in session")
            #expect(resumed.contains("Reused, ") && resumed.contains("HTTP/1.1 200"), "\(resumed)")
            try scene.files.write(scene.files.read("all.pem"), to: "crl.pem")
            scene.gateway.process.send(SIGHUP)
            #expect(scene.gateway.logs("output", "reloaded"))
            let refused = try ask("-sess_in session")
            #expect(!refused.contains("HTTP/1.1 200"), "\(refused)")
        }

        @Test func `A connection from before a reload leads into no host that asks for more since`()
            throws
        {
            let scene = try Self.scene("required")
            // One that stands first takes the place of the one that asked for nothing.
            let first =
                scene.gateway.folder.read("haniel.yaml").split(separator: "\n")
                .drop { !$0.contains("guarded.pem") }.prefix(7).joined(separator: "\n") + "\n"
            let client = try TLSClient(of: scene.gateway)
            try client.wire.send(GatewayProcess.get("/"))
            #expect(try client.wire.receiveResponse().status == 200)
            try scene.gateway.reload {
                $0.replacing(first, with: "")
                    .replacing("  certificates:\n", with: "  certificates:\n\(first)")
            }
            #expect(scene.gateway.logs("output", "reloaded"))
            try client.wire.send("GET / HTTP/1.1\r\nHost: guarded.test\r\n\r\n")
            #expect(try client.wire.receiveResponse().status == 421)
        }

        @Test func `Versions, tickets and staples are the host's own`() throws {
            let scene = try Self.scene("optional")
            let client = { (host: String, options: [String]) in
                let arguments = [
                    "s_client", "-connect", "127.0.0.1:\(scene.gateway.tlsPort)", "-servername",
                    host,
                ]
                return try Tool.run("openssl", arguments + options).text
            }
            #expect(try scene.curl("guarded.test").text == "200", "a certificate is optional")
            #expect(try client("localhost", ["-tls1_2"]).contains("Cipher is ECDHE"))
            #expect(try !client("guarded.test", ["-tls1_2"]).contains("Cipher is ECDHE"))
            #expect(
                try client("guarded.test", ["-status"]).contains("OCSP Response Status: successful")
            )
            #expect(try client("localhost", ["-status"]).contains("no response sent"))
        }
    }
}
