import HTTPTypes
import Hummingbird
import Logging

/// Turns every error into an answer, and writes the access log and the request metrics. The outermost middleware.
struct OutcomeMiddleware: RouterMiddleware {
    typealias Context = ShopContext

    let metrics: Metrics
    let pages: Pages
    /// Where a form may lead beside this service, as sources of a content security policy.
    var formTargets = ""
    /// Where finished requests are kept for whoever collects traces; nil if nobody does.
    var spans: SpanBuffer?

    func handle(
        _ request: Request,
        context: ShopContext,
        next: @concurrent (Request, ShopContext) async throws -> Response
    ) async throws -> Response {
        let startedAt = WallClock.system.now()
        let trace = RequestTrace(of: request, isCollected: spans != nil)
        var context = context
        context.logger.join(request, trace)
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            let problem = Problem(error)
            if problem.status >= 500 {
                context.logger.error(
                    "a request failed",
                    metadata: ["error.message": "\(error)", "url.path": "\(request.uri.path)"]
                )
            }
            response = answer(problem, to: request)
        }
        secure(&response)
        note(request, context, response, trace, startedAt: startedAt)
        return response
    }

    private func answer(_ problem: Problem, to request: Request) -> Response {
        let wantsPage =
            !request.uri.path.hasPrefix("/api/")
            && (request.headers[.accept] ?? "").contains("text/html")
        guard wantsPage else { return problem.response }
        if problem.slug == Problem.loginRequired.slug && request.method == .get {
            return .seeOther("/login?next=\(FormBody.escape(request.uri.path))")
        }
        return pages.problem(problem)
    }

    private func secure(_ response: inout Response) {
        response.headers[.xContentTypeOptions] = "nosniff"
        if let name = HTTPField.Name.referrerPolicy {
            response.headers[name] = "strict-origin-when-cross-origin"
        }
        if response.headers[.contentType]?.hasPrefix("text/html") == true {
            let targets = formTargets.isEmpty ? "" : " " + formTargets
            response.headers[.contentSecurityPolicy] = """
                default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                form-action 'self'\(targets); base-uri 'none'; frame-ancestors 'none'
                """
        }
    }

    /// A client can invent methods without end; a metric has an end.
    private static func label(of method: HTTPRequest.Method) -> String {
        let known: [HTTPRequest.Method] = [.get, .head, .post, .patch, .delete, .put, .options]
        return known.contains(method) ? method.rawValue : "other"
    }

    private func add(
        _ trace: RequestTrace?,
        _ request: Request,
        _ route: String,
        _ response: Response,
        startedAt: Milliseconds,
        _ duration: Milliseconds
    ) {
        guard let spans, let trace, trace.parent.isSampled else { return }
        let method = Self.label(of: request.method)
        spans.add(
            TraceSpan(
                trace: trace.parent.trace,
                id: trace.span,
                parent: trace.parent.parent,
                name: "\(method) \(route)",
                startedAt: startedAt,
                endedAt: startedAt + duration,
                method: method,
                status: Int(response.status.code)
            )
        )
    }

    private func note(
        _ request: Request,
        _ context: ShopContext,
        _ response: Response,
        _ trace: RequestTrace?,
        startedAt: Milliseconds
    ) {
        let duration = max(0, WallClock.system.now() - startedAt)
        let route = context.endpointPath ?? "none"
        metrics.count(
            "bookme_http_requests_total",
            [
                "method": Self.label(of: request.method), "route": route,
                "status": String(response.status.code),
            ]
        )
        metrics.observe("bookme_http_request_seconds", ["route": route], milliseconds: duration)
        add(trace, request, route, response, startedAt: startedAt, duration)
        context.logger.debug(
            "request",
            metadata: [
                "http.request.method": "\(request.method.rawValue)",
                "url.path": "\(request.uri.path)",
                "http.response.status_code": .stringConvertible(response.status.code),
                "event.duration": .stringConvertible(Int(duration) * 1_000_000),
            ]
        )
    }
}
