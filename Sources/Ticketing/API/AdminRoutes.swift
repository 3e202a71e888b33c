import HTTPTypes
import Hummingbird

/// What the house sees and does about orders, jobs and accounts. For the role `admin`.
struct AdminRoutes: Sendable {
    private struct RoleBody: Decodable {
        let email: String
        let role: String
    }

    private struct JobDocument: Encodable {
        let id: String
        let topic: String
        let ref: String
        let attempts: Int
        let error: String?
    }

    private struct Done: Encodable {
        let status: String
    }

    let shop: Shop

    func add(to group: RouterGroup<ShopContext>) {
        group.get("admin/events/:slug/ledger", use: ledger)
        group.get("admin/events/:slug/stats", use: stats)
        group.get("admin/events/:slug/orders", use: orders)
        group.post("admin/orders/:code/resend", use: resend)
        group.get("admin/jobs/dead", use: deadJobs)
        group.post("admin/jobs/:id/replay", use: replay)
        group.delete("admin/jobs/:id", use: discard)
        group.get("admin/refunds/dead", use: deadRefunds)
        group.post("admin/refunds/:id/retry", use: retryRefund)
        group.post("admin/refunds/:id/settle", use: settleRefund)
        group.patch("admin/users", use: setRole)
    }

    @Sendable private func ledger(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try context.require(.admin)
        let listing = try await shop.catalog.listing(slug: try context.name("slug"))
        let lines = try await shop.database.read { try Ledger(listing: listing).lines($0) }
        return .bytesResponse(200, lines, type: "application/x-ndjson", cache: .personal)
    }

    @Sendable private func stats(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try context.require(.admin)
        let listing = try await shop.catalog.fresh(slug: try context.name("slug"))
        return .json(try await SalesBoard(shop: shop).figures(of: listing))
    }

    @Sendable private func orders(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try context.require(.admin)
        let listing = try await shop.catalog.listing(slug: try context.name("slug"))
        let documents = try await shop.database.read { connection in
            try OrderRows.newest(ofEvent: listing.event.id, connection).map {
                try OrderDocument.read($0.id, in: listing, connection)
            }
        }
        return .json(documents)
    }

    @Sendable private func resend(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try context.require(.admin)
        let order = try await shop.orders.order(
            code: try context.name("code"),
            for: context.visitor
        )
        guard order.state == .paid || order.state == .partiallyRefunded else {
            throw Problem.orderClosed
        }
        let actor = context.visitor.actor
        return try await shop.once(request, context.visitor) {
            try await shop.database.write { connection in
                let now = shop.clock.now()
                try Outbox.add(
                    .mailTickets,
                    order.code,
                    id: shop.mint.next(),
                    dueAt: now,
                    at: now,
                    connection
                )
                try shop.audit.note("resend", by: actor, about: order.code, "", connection)
            }
            return Answer(status: 202, Done(status: "accepted"))
        }
    }

    @Sendable private func deadJobs(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try context.require(.admin)
        return .json(
            try await shop.jobs.dead().map { job in
                JobDocument(
                    id: String(job.id),
                    topic: job.topic,
                    ref: job.reference,
                    attempts: job.attempts,
                    error: job.lastError
                )
            }
        )
    }

    @Sendable private func replay(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let isDone = try await shop.act("replay", on: "job", context, shop.jobs.replay)
        guard isDone else { throw Problem.notFound }
        return .json(status: 202, Done(status: "accepted"))
    }

    @Sendable private func discard(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let isDone = try await shop.act("discard", on: "job", context, shop.jobs.discard)
        guard isDone else { throw Problem.notFound }
        return Response(status: .noContent, headers: [.cacheControl: CachePolicy.personal.rawValue])
    }

    @Sendable private func retryRefund(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let isDone = try await shop.act("retry", on: "refund", context, shop.refundRunner.retry)
        guard isDone else { throw Problem.notFound }
        return .json(status: 202, Done(status: "accepted"))
    }

    @Sendable private func settleRefund(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let isDone = try await shop.act("settle", on: "refund", context, shop.refundRunner.settle)
        guard isDone else { throw Problem.notFound }
        return .json(Done(status: "done"))
    }

    @Sendable private func deadRefunds(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try context.require(.admin)
        return .json(try await shop.refundRunner.dead())
    }

    @Sendable private func setRole(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try context.require(.admin)
        let body = try JSON.decode(RoleBody.self, from: try await request.jsonBytes())
        guard let email = EmailAddress(body.email), let role = Role(name: body.role) else {
            throw Problem.invalidBody("email is an address, role is user, door or admin")
        }
        guard let user = try await shop.accounts.setRole(role, of: email) else {
            throw Problem.notFound
        }
        try await shop.audit.note(
            "role \(role.name)",
            by: context.visitor.actor,
            about: "user \(user)"
        )
        return .json(Done(status: "done"))
    }
}

extension Shop {
    /// Does something to the one thing that the path names and notes who did; false if it is not there, or
    /// done already.
    func act(
        _ name: String,
        on kind: String,
        _ context: ShopContext,
        _ act: (Int64) async throws -> Bool
    ) async throws -> Bool {
        try context.require(.admin)
        let id = try context.identifier("id")
        guard try await act(id) else { return false }
        try await audit.note(name, by: context.visitor.actor, about: "\(kind) \(id)")
        return true
    }
}
