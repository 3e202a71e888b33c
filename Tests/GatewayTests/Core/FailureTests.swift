import Glibc
import HTTP
import Testing
import Transport

@testable import Gateway

@Suite struct FailureTests {
    static let kinds: [(Failure.Kind, Int, String)] = [
        (.badContent, 400, "bad-content"), (.headTimeout, 408, "head-timeout"),
        (.contentTimeout, 408, "content-timeout"),
        (.contentTooLarge, 413, "content-too-large"), (.clientGone, 499, "client-gone"),
        (.ambiguousTarget, 400, "ambiguous-target"), (.misdirectedConnect, 405, "connect-refused"),
        (.noRoute, 404, "no-route"), (.unhealthyUpstream, 503, "no-healthy-server"),
        (.busyUpstream, 503, "upstream-busy"),
        (.upstreamConnect, 502, "upstream-connect"),
        (.upstreamConnectTimeout, 504, "upstream-connect-timeout"),
        (.upstreamSendTimeout, 504, "upstream-send-timeout"),
        (.upstreamResponseTimeout, 504, "upstream-response-timeout"),
        (.upstreamContentTimeout, 504, "upstream-content-timeout"),
        (.upstreamClosed, 502, "upstream-closed"),
        (.upstreamProtocol, 502, "upstream-protocol"), (.sessionStore, 503, "session-store"),
        (.storeLost, 503, "store-lost"), (.resources, 503, "resources"),
        (.overload, 503, "overload"), (.misdirectedHost, 421, "misdirected-host"),
        (.unknownProtocol, 501, "unknown-protocol"),
    ]

    @Test(arguments: kinds)
    func `Every failure has its status and its word`(
        _ kind: Failure.Kind,
        _ status: Int,
        _ reason: String
    ) async throws {
        try await onReactor { reactor in
            let exchange = try await ExchangeScene.make(on: reactor).exchange
            for failure in [Failure.client(kind), .upstream(kind, "origin"), .gateway(kind)] {
                let response = failure.response(for: exchange)
                #expect(failure.status == status)
                #expect(failure.reason == reason)
                #expect(response.status == status)
                #expect(response.reason == reason)
                #expect(
                    response.fields.contains { $0.name.description == "retry-after" }
                        == (status == 503)
                )
                #expect(response.text.contains(exchange.requestID))
            }
        }
    }

    @Test(arguments: HeadError.allCases)
    func `A head that cannot be read closes the connection with the parser's status`(
        _ error: HeadError
    ) async throws {
        try await onReactor { reactor in
            let exchange = try await ExchangeScene.make(on: reactor).exchange
            let failure = Failure.client(.badHead(error))
            let response = failure.response(for: exchange)
            #expect(response.status == error.status)
            #expect((400..<600).contains(response.status))
            #expect(response.closesConnection)
            #expect(response.reason?.hasPrefix("bad-head-") == true)
        }
    }

    @Test func `The words of all failures differ`() {
        let words =
            Self.kinds.map(\.2) + HeadError.allCases.map { Failure.client(.badHead($0)).reason }
        #expect(Set(words).count == words.count)
    }

    @Test func `A client's fault closes the connection, an address without a route does not`()
        async throws
    {
        try await onReactor { reactor in
            let exchange = try await ExchangeScene.make(on: reactor).exchange
            #expect(Failure.client(.contentTooLarge).response(for: exchange).closesConnection)
            #expect(!Failure.client(.noRoute).response(for: exchange).closesConnection)
            #expect(!Failure.upstream(.upstreamClosed).response(for: exchange).closesConnection)
        }
    }

    @Test(arguments: [
        (StreamError.timedOut, Failure.Kind.contentTimeout), (.closed, .clientGone),
        (.reset(ECONNRESET), .clientGone),
    ])
    func `A broken connection to the client is the client's doing`(
        _ error: StreamError,
        _ kind: Failure.Kind
    ) {
        let failure = Failure.onClient(error, timedOut: .contentTimeout)
        #expect(failure.kind == kind)
        #expect(failure.party == .client)
        #expect(!error.text.isEmpty)
    }
}
