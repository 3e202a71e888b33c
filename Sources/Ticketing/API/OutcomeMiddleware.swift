import HTTPTypes
import Hummingbird
import Logging

/// Turns every error into an answer, and writes the access log and the request metrics. The outermost middleware.
struct OutcomeMiddleware: RouterMiddleware {
    typealias Context = ShopContext

    let metrics: Metrics
    let pages: Pages

    func handle(
        _ request: Request,
        context: ShopContext,
        next: @concurrent (Request, ShopContext) async throws -> Response
    ) async throws -> Response {
        let startedAt = WallClock.system.now()
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
        Self.secure(&response)
        note(request, context, response, startedAt: startedAt)
        return response
    }

    private func answer(_ problem: Problem, to request: Request) -> Response {
        let wantsPage =
            !request.uri.path.hasPrefix("/api/")
            && (request.headers[.accept] ?? "").contains("text/html")
        guard wantsPage else { return problem.response }
        if problem.slug == Problem.loginRequired.slug && request.method == .get {
            return .seeOther("/login")
        }
        return pages.problem(problem)
    }

    private static func secure(_ response: inout Response) {
        response.headers[.xContentTypeOptions] = "nosniff"
        if let name = HTTPField.Name.referrerPolicy {
            response.headers[name] = "strict-origin-when-cross-origin"
        }
        if response.headers[.contentType]?.hasPrefix("text/html") == true {
            response.headers[.contentSecurityPolicy] = """
                default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                form-action 'self'; base-uri 'none'; frame-ancestors 'none'
                """
        }
    }

    /// A client can invent methods without end; a metric has an end.
    private static func label(of method: HTTPRequest.Method) -> String {
        let known: [HTTPRequest.Method] = [.get, .head, .post, .patch, .delete, .put, .options]
        return known.contains(method) ? method.rawValue : "other"
    }

    private func note(
        _ request: Request,
        _ context: ShopContext,
        _ response: Response,
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
        context.logger.debug(
            "request",
            metadata: [
                "http.request.method": "\(request.method.rawValue)",
                "url.path": "\(request.uri.path)",
                "http.response.status_code": "\(response.status.code)",
                "event.duration_ms": "\(duration)",
            ]
        )
    }
}
