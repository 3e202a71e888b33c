import Support

/// A connection to a gateway's TLS listener by way of openssl: what is plain here goes through TLS there.
final class TLSClient {
    let wire: Wire
    private let process: ChildProcess

    init(of gateway: GatewayProcess) throws {
        var process: ChildProcess?
        wire = try Loopback.connection { port in
            process = try ChildProcess(
                "bash",
                [
                    "-c",
                    """
                    exec 3<>/dev/tcp/127.0.0.1/\(port)
                    exec openssl s_client -quiet -connect 127.0.0.1:\(gateway.tlsPort) <&3 >&3 2>/dev/null
                    """,
                ],
                output: gateway.folder.file("openssl")
            )
        }
        guard let process else { throw WireError.malformed("openssl was not started") }
        self.process = process
    }
}
