import HTTPTypes
import Hummingbird

/// What the gateway and the operator ask, on a listener that visitors cannot reach.
struct InternalRoutes: Sendable {
    private struct SessionDocument: Encodable {
        let sub: String
        let sid: String
        let role: String
        let exp: Int64
    }

    private struct AdmissionDocument: Encodable {
        let free: Int
        let held: Int
        let sold: Int
        /// Holds that are active.
        let holds: Int
        /// Visitors a second that the sale can take now; 0 once nothing is left.
        let suggestedRate: Int
    }

    /// How many seconds a visitor keeps a seat from others before it is clear whether they buy it.
    private static let decisionSeconds = 60

    let shop: Shop

    /// A router with these routes and nothing else.
    func router() -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.get("livez") { _, _ in "ok\n" }
        router.get("readyz") { _, _ in try await ready() }
        router.get("metrics") { _, _ in await metrics() }
        router.get("version") { _, _ in Version.text + "\n" }
        router.get("internal/session") { request, _ in try await session(request) }
        router.get("internal/admission/:slug") { _, context in
            try await admission(context.parameters.get("slug") ?? "")
        }
        return router
    }

    /// 200 if the database answers, else 503.
    func ready() async throws -> Response {
        do {
            _ = try await shop.database.read { try $0.first("SELECT 1") { try $0.int(0) } }
            return .bytesResponse(200, Array("ready\n".utf8), type: "text/plain", cache: .personal)
        } catch {
            return Problem.busy.response
        }
    }

    /// The session behind the visitor's cookie, or 404.
    private func session(_ request: Request) async throws -> Response {
        do {
            guard let token = ShopCookie.session.value(in: request),
                let session = try await shop.sessions.session(token: token)
            else { return Problem.notFound.response }
            return .json(
                SessionDocument(
                    sub: String(session.identity.userId),
                    sid: session.identity.sessionId,
                    role: session.identity.role.name,
                    exp: session.expiresAt / Span.second
                )
            )
        } catch {
            return Problem(error).response
        }
    }

    /// How an event's seats stand, for pacing a queue.
    private func admission(_ slug: String) async throws -> Response {
        do {
            let listing = try await shop.catalog.listing(slug: slug)
            let availability = try await shop.board.availability(of: listing)
            let states = availability.states
            let count = { (state: UInt8) in states.reduce(0) { $1 == state ? $0 + 1 : $0 } }
            let isOpen = listing.event.sale(at: shop.clock.now()) == .open
            let now = shop.clock.now()
            let standing = try await shop.database.read { connection in
                try StandingStock.count(event: listing.event.id, connection)
            }
            let holds = try await shop.database.read { connection in
                try connection.first(
                    "SELECT COUNT(*) FROM holds WHERE event_id = ? AND state = 0 AND expires_at > ?",
                    [listing.event.id, now]
                ) { try $0.int(0) } ?? 0
            }
            let free = availability.freeCount
            return .json(
                AdmissionDocument(
                    free: free,
                    held: count(1) + standing.held,
                    sold: count(2) + standing.sold,
                    holds: holds,
                    suggestedRate: isOpen && free > 0
                        ? max(1, free / Self.decisionSeconds) : 0
                )
            )
        } catch {
            return Problem(error).response
        }
    }

    private func metrics() async -> Response {
        let text = shop.metrics.exposition(adding: await shop.figures())
        return .bytesResponse(
            200,
            Array(text.utf8),
            type: "text/plain; version=0.0.4",
            cache: .personal
        )
    }
}
