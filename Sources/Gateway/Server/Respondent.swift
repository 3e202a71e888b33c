import HTTP
import Synchronization
import Transport

/// Asks the pipeline for the response to one request, whatever version of HTTP it came by.
struct Respondent {
    let worker: Worker
    let listener: Configuration.Listener
    let exchange: Exchange

    /// The pipeline's response, or the page that says why there is none; nil if the client is gone.
    @inline(__always)
    func response(of pipeline: Pipeline) async -> Response? {
        var response: Response
        do throws(Failure) {
            if listener.redirectToHTTPS {
                response = LocalStage.redirectToTLS(exchange, port: worker.tlsPort)
            } else {
                response = try await respond(pipeline)
            }
        } catch {
            note(error)
            if error.kind == .clientGone { return nil }
            pipeline.inspection.conclude(exchange)
            response = error.response(for: exchange)
        }
        if let reason = response.reason { exchange.trace.reason = reason }
        if let ids = pipeline.inspection.report(exchange) {
            response.fields.append(("x-waf-rules", ids))
        }
        return response
    }

    @inline(__always)
    private func respond(_ pipeline: Pipeline) async throws(Failure) -> Response {
        if exchange.isNewcomer, worker.overloadLevel >= .refusing {
            worker.counters.requestsShed.add(1, ordering: .relaxed)
            throw .gateway(.overload)
        }
        if case .length(let length) = exchange.head.framing,
            length > pipeline.snapshot.configuration.limits.bodyBytes
        {
            throw .client(.contentTooLarge)
        }
        if let tls = exchange.tls, let context = pipeline.snapshot.tls, context.separatesHosts,
            !context.accepts(host: exchange.head.host.string, admittedBy: tls.admission)
        {
            // Whoever was let in without a certificate as a guest of one host would get into the other that asks for
            // one.
            throw .client(.misdirectedHost)
        }
        guard exchange.head.isExtendedConnect else {
            return try await pipeline.respond(to: exchange)
        }
        return try await answerToConnect(pipeline)
    }

    /// The answer to an extended CONNECT (RFC 8441), to which any success but the tunnel's own would say that the
    /// tunnel is open.
    private func answerToConnect(_ pipeline: Pipeline) async throws(Failure) -> Response {
        guard exchange.wantsWebSocket else { throw .client(.unknownProtocol) }
        let response = try await pipeline.respond(to: exchange)
        guard !(200..<300).contains(response.status) else {
            throw .upstream(.upstreamProtocol, detail: "no switch of protocols")
        }
        return response
    }

    /// Keeps what failed for the log.
    func note(_ failure: Failure) {
        exchange.trace.reason = failure.reason
        exchange.trace.detail =
            failure.server.map { "\($0): \(failure.detail ?? failure.reason)" } ?? failure.detail
    }
}
