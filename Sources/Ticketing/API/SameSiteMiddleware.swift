import HTTPTypes
import Hummingbird

/// Refuses requests that change something and come from a page of another site.
struct SameSiteMiddleware: RouterMiddleware {
    typealias Context = ShopContext

    /// Our own origin as visitors see it.
    let publicOrigin: String

    func handle(
        _ request: Request,
        context: ShopContext,
        next: @concurrent (Request, ShopContext) async throws -> Response
    ) async throws -> Response {
        let isSafe = request.method == .get || request.method == .head || request.method == .options
        if !isSafe && !request.uri.path.hasPrefix("/api/v1/webhooks/") && !isSameSite(request) {
            throw Problem.crossSite
        }
        return try await next(request, context)
    }

    /// Browsers say where a request comes from; programs that are not browsers carry no cookies of a victim.
    private func isSameSite(_ request: Request) -> Bool {
        if let name = HTTPField.Name.secFetchSite, let site = request.headers[name] {
            return site == "same-origin" || site == "none"
        }
        guard let origin = request.headers[.origin] else { return true }
        if origin == publicOrigin { return true }
        guard let authority = request.head.authority, !authority.isEmpty else { return false }
        return origin == "https://\(authority)" || origin == "http://\(authority)"
    }
}
