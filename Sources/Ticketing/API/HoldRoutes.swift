import HTTPTypes
import Hummingbird

/// Holds: seats kept for a visitor.
struct HoldRoutes: Sendable {
    private struct QuoteBody: Decodable {
        let voucher: String?
    }

    let shop: Shop

    func add(to group: RouterGroup<ShopContext>) {
        group.post("events/:slug/holds", use: place)
        group.get("holds/:id", use: show)
        group.patch("holds/:id", use: change)
        group.delete("holds/:id", use: release)
        group.post("holds/:id/quote", use: quote)
    }

    @Sendable private func place(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let listing = try await shop.catalog.listing(slug: try context.name("slug"))
        let bytes = try await request.jsonBytes()
        let wanted = try JSON.decode(HoldWish.self, from: bytes).wanted(in: listing)
        try shop.requireAdmission(of: request, to: listing.event)
        let (visitor, cart) = Cart(shop: shop).visitor(
            for: request,
            context.visitor,
            body: bytes
        )
        let key = try request.idempotencyKey(scope: "holds:\(visitor.sessionHash)", body: bytes)
        var response = try await shop.holds.place(wanted, in: listing, for: visitor, key: key)
            .response
        if let cart { response.headers[values: .setCookie].append(Cart.header(cart)) }
        return response
    }

    @Sendable private func show(_ request: Request, _ context: ShopContext) async throws -> Response {
        let hold = try await shop.holds.hold(id: try context.identifier("id"), for: context.visitor)
        return .json(HoldDocument(hold, in: try await shop.catalog.listing(id: hold.eventId)))
    }

    @Sendable private func change(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let visitor = context.visitor
        let hold = try await shop.holds.hold(id: try context.identifier("id"), for: visitor)
        let listing = try await shop.catalog.listing(id: hold.eventId)
        let bytes = try await request.jsonBytes()
        let wanted = try JSON.decode(HoldWish.self, from: bytes).wanted(in: listing)
        let key = try request.idempotencyKey(scope: "holds:\(visitor.sessionHash)", body: bytes)
        return try await shop.holds.change(
            id: hold.id,
            to: wanted,
            in: listing,
            for: visitor,
            key: key
        ).response
    }

    @Sendable private func release(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try await shop.holds.release(id: try context.identifier("id"), for: context.visitor)
        return Response(status: .noContent, headers: [.cacheControl: CachePolicy.personal.rawValue])
    }

    /// Changes nothing, so that it may be asked as often as somebody likes, but for codes that do not exist.
    @Sendable private func quote(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let hold = try await shop.holds.hold(id: try context.identifier("id"), for: context.visitor)
        let body = try JSON.decode(QuoteBody.self, from: try await request.jsonBytes())
        return .json(try await shop.quote(hold, voucher: body.voucher, for: context.visitor))
    }
}

extension Shop {
    /// What a visitor's hold would cost with a voucher. Throws `hold-expired`, and why the voucher is not taken.
    func quote(_ hold: Hold, voucher code: String?, for visitor: Visitor) async throws -> Quote {
        guard hold.state == .active, hold.expiresAt > holds.clock.now() else {
            throw Problem.holdExpired
        }
        let listing = try await catalog.listing(id: hold.eventId)
        var voucher: Voucher?
        if let code, !code.isEmpty {
            voucher = try await voucherTries.voucher(
                code,
                event: hold.eventId,
                by: visitor,
                for: hold.id
            )
            guard let voucher else { throw Problem.voucherInvalid }
            guard voucher.uses < voucher.maxUses else { throw Problem.voucherUsedUp }
        }
        return Quote(hold, voucher: voucher, in: listing)
    }
}
