import HTTPTypes
import Hummingbird

/// Orders and their payments.
struct OrderRoutes: Sendable {
    private struct CreateBody: Decodable {
        let hold: String
        let email: String?
        let holder: String?
        let holders: [String]?
        let voucher: String?
    }

    private struct PayBody: Decodable {
        let provider: String?
        let returnUrl: String?
    }

    let shop: Shop

    func add(to group: RouterGroup<ShopContext>) {
        group.post("orders", use: create)
        group.get("orders", use: list)
        group.get("orders/:code", use: show)
        group.post("orders/:code/cancel", use: cancel)
        group.post("orders/:code/payments", use: pay)
    }

    @Sendable private func create(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let bytes = try await request.jsonBytes()
        let body = try JSON.decode(CreateBody.self, from: bytes)
        guard context.visitor != .anonymous else { throw Problem.loginRequired }
        let scope = "orders:\(context.visitor.sessionHash)"
        guard let key = try request.idempotencyKey(scope: scope, body: bytes) else {
            throw Problem.invalidBody("Idempotency-Key is required")
        }
        guard let hold = Int64(body.hold) else {
            throw Problem.invalidBody("hold is not what it should be")
        }
        let order = OrderIntake(shop: shop)
        return try await order.create(
            hold: hold,
            email: body.email,
            names: OrderIntake.Names(holder: body.holder, holders: body.holders ?? []),
            voucher: body.voucher,
            for: context.visitor,
            key: key
        ).response
    }

    @Sendable private func list(_ request: Request, _ context: ShopContext) async throws -> Response {
        let visitor = context.visitor
        let orders = try await shop.database.read { try OrderRows.orders(of: visitor, $0) }
        var documents: [OrderDocument] = []
        for order in orders { documents.append(try await document(order)) }
        return .json(documents)
    }

    @Sendable private func show(_ request: Request, _ context: ShopContext) async throws -> Response {
        let contents = try await shop.orders.contents(
            code: try context.name("code"),
            for: context.visitor,
            secret: request.uri.queryParameters["key"].map(String.init)
        )
        let order = contents.order
        let document = OrderDocument(
            order,
            items: contents.items,
            tickets: contents.tickets,
            in: try await shop.catalog.listing(id: order.eventId)
        )
        var response = Response.json(document)
        response.freePlace(after: order, at: shop.clock.now())
        return response
    }

    private func document(_ order: Order) async throws -> OrderDocument {
        let listing = try await shop.catalog.listing(id: order.eventId)
        return try await shop.database.read { try OrderDocument.read(order.id, in: listing, $0) }
    }

    @Sendable private func cancel(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let code = try context.name("code")
        return try await shop.once(request, context.visitor) {
            try await shop.orders.cancel(code: code, for: context.visitor)
            let order = try await shop.orders.order(code: code, for: context.visitor)
            return Answer(status: 200, try await document(order))
        }
    }

    @Sendable private func pay(_ request: Request, _ context: ShopContext) async throws -> Response {
        let order = try await shop.orders.order(
            code: try context.name("code"),
            for: context.visitor
        )
        let bytes = try await request.jsonBytes()
        let body = try JSON.decode(PayBody.self, from: bytes)
        guard body.provider == nil || body.provider == shop.payments.provider.name else {
            throw Problem.invalidBody("there is no such provider")
        }
        let path = body.returnUrl ?? "/orders/\(order.code)"
        guard OrderIntake.isOwnPath(path) else {
            throw Problem.invalidBody("return_url is a path of this site")
        }
        let key = try request.idempotencyKey(scope: "payments:\(order.id)", body: bytes)
        let listing = try await shop.catalog.listing(id: order.eventId)
        return try await shop.payments.start(
            order: order,
            title: listing.event.title,
            returnPath: path,
            key: key
        ).response
    }
}

/// What the API and the storefront share about taking an order.
struct OrderIntake: Sendable {
    let shop: Shop

    /// Who will use the tickets: one name for all of them, or one for each.
    struct Names: Sendable {
        let holder: String?
        var holders: [String] = []
    }

    /// Orders a hold. An account's own address and name stand in for missing ones.
    func create(
        hold id: Int64,
        email: String?,
        names: Names,
        voucher: String? = nil,
        for visitor: Visitor,
        key: IdempotencyKey
    ) async throws -> Answer {
        var account: Account?
        if let identity = visitor.identity {
            account = try await shop.accounts.account(id: identity.userId)
        }
        guard let email = EmailAddress(account?.email ?? email ?? "") else {
            throw Problem.invalidBody("email is not an address", field: "email")
        }
        let name = names.holder ?? account?.name ?? email.text
        let all = names.holders
        guard ([name] + all).allSatisfy(\.isPrintable) else {
            throw Problem.invalidText("a holder")
        }
        guard ([name] + all).allSatisfy(\.isName), all.count <= 100 else {
            throw Problem.invalidBody("a holder has 1 to 120 characters", field: "holder")
        }
        let held = try await shop.holds.hold(id: id, for: visitor)
        let listing = try await shop.catalog.listing(id: held.eventId)
        let voucher = voucher.flatMap { $0.isEmpty ? nil : $0 }
        let request = OrderDesk.Request(
            hold: held,
            email: email,
            holder: name,
            holders: all,
            voucher: voucher
        )
        if let voucher, held.state == .active {
            // What there is not counts, and the order says so itself; one that was made already is answered again.
            _ = try await shop.voucherTries.voucher(
                voucher,
                event: held.eventId,
                by: visitor,
                for: id
            )
        }
        return try await shop.orders.create(request, in: listing, for: visitor, key: key)
    }

    /// Whether a path leads back to us and nowhere else.
    static func isOwnPath(_ path: String) -> Bool {
        path.hasPrefix("/") && !path.hasPrefix("//") && path.utf8.count <= 200
            && path.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "\\") }
    }
}
