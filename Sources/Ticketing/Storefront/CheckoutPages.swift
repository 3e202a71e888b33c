import HTTPTypes
import Hummingbird

/// The pages of one buyer, from held seats to tickets.
struct CheckoutPages: Sendable {
    private struct OrderCode: Decodable {
        let code: String
        let state: String
    }

    private struct Redirect: Decodable {
        let redirect: String
    }

    let shop: Shop
    let pages: Pages

    func add(to router: Router<ShopContext>) {
        router.get("checkout/:hold", use: checkout)
        router.post("checkout/:hold", use: order)
        router.post("checkout/:hold/release", use: release)
        router.get("orders", use: list)
        router.get("account") { _, context in
            Response.seeOther(context.visitor.identity == nil ? "/login" : "/orders")
        }
        router.get("orders/:code", use: show)
        router.post("orders/:code/pay", use: pay)
        router.post("orders/:code/cancel", use: cancel)
        router.post("orders/:code/refund", use: refund)
        router.get("orders/:code/event.ics", use: calendar)
        router.get("orders/:code/tickets.pdf") { request, context in
            try await TicketRoutes(shop: shop).pdf(
                request,
                code: try context.name("code"),
                context.visitor
            )
        }
    }

    @Sendable private func checkout(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try await checkoutPage(try context.identifier("hold"), context.visitor)
    }

    /// What is told whoever does not have the cookie that seats are held for.
    private func lost(_ id: Int64, _ visitor: Visitor) -> Response {
        let values = ["path": "/checkout/\(id)"]
        return .page(
            pages.render("lost", values, visitor: visitor),
            status: Problem.notFound.status
        )
    }

    /// The form, or the form again with what was typed and what is wrong with it.
    private func checkoutPage(
        _ id: Int64,
        _ visitor: Visitor,
        typed: FormFields? = nil,
        quote: Quote? = nil,
        refusal: Problem? = nil
    ) async throws -> Response {
        let hold: Hold
        do { hold = try await shop.holds.hold(id: id, for: visitor) } catch let problem as Problem
            where problem == .notFound
        { return lost(id, visitor) }
        if hold.state == .converted,
            let order = try await shop.database.read({ try OrderRows.order(hold: id, $0) })
        {
            return .seeOther("/orders/\(order.code)")
        }
        let listing = try await shop.catalog.listing(id: hold.eventId)
        let account = try await account(of: visitor)
        let now = shop.holds.clock.now()
        let money = { (amount: Int64) in
            Money(amount: amount, currency: listing.event.currency).description
        }
        var values = Self.head(listing)
        values.merge(
            [
                "hold": String(hold.id),
                "is_active": hold.state == .active && hold.expiresAt > now,
                "left": String(max(0, (hold.expiresAt - now) / Span.second)),
                "expires": LocalTime.date(hold.expiresAt, in: listing.event.timeZone).clockTime,
                "expires_at": hold.expiresAt.timestamp, "account": account?.email ?? "",
                "email": typed?["email"] ?? "", "voucher": typed?["voucher"] ?? "",
                "holder": typed?["holder"] ?? account?.name ?? "",
                "total": money(quote?.total ?? hold.total),
                "discount": quote.map { $0.discount > 0 ? money($0.discount) : "" } ?? "",
                "fees": quote.map { $0.discount > 0 && $0.fees > 0 ? money($0.fees) : "" } ?? "",
                "seats": Self.lines(HoldDocument(hold, in: listing).seats, listing.event.currency),
            ] as [String: Any]
        ) { _, new in new }
        values.merge(refusal.map(FieldFault.values) ?? [:]) { $1 }
        var response = Response.page(
            pages.render("checkout", values, visitor: visitor),
            status: refusal?.status ?? 200
        )
        for field in refusal?.headers ?? [:] { response.headers.append(field) }
        return response
    }

    @Sendable private func order(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let id = try context.identifier("hold")
        let form = try await request.form()
        if form["look"] == "yes" { return try await look(id, form, context.visitor) }
        let body = Array("\(form["email"])\n\(form["holder"])\n\(form["voucher"])".utf8)
        guard
            let key = IdempotencyKey(
                "checkout-\(id)",
                scope: "orders:\(context.visitor.sessionHash)",
                request: request.fingerprint(body)
            )
        else { throw Problem.notFound }
        do {
            let answer = try await OrderIntake(shop: shop).create(
                hold: id,
                email: form["email"],
                names: OrderIntake.Names(holder: form["holder"]),
                voucher: form["voucher"],
                for: context.visitor,
                key: key
            )
            let order = try JSON.decode(OrderCode.self, from: answer.body)
            guard order.state == OrderState.pending.name else {
                return .seeOther("/orders/\(order.code)")
            }
            return try await startPayment(order.code, context.visitor)
        } catch let problem as Problem where problem == .notFound {
            return lost(id, context.visitor)
        } catch let problem as Problem where problem.status < 500 {
            return try await checkoutPage(id, context.visitor, typed: form, refusal: problem)
        }
    }

    /// The form again with what was typed and what it would cost.
    private func look(_ id: Int64, _ form: FormFields, _ visitor: Visitor) async throws -> Response {
        do {
            let hold = try await shop.holds.hold(id: id, for: visitor)
            let quote = try await shop.quote(hold, voucher: form["voucher"], for: visitor)
            return try await checkoutPage(id, visitor, typed: form, quote: quote)
        } catch let problem as Problem where problem == .notFound {
            return lost(id, visitor)
        } catch let problem as Problem where problem.status < 500 {
            return try await checkoutPage(id, visitor, typed: form, refusal: problem)
        }
    }

    private func startPayment(_ code: String, _ visitor: Visitor, secret: String? = nil)
        async throws -> Response
    {
        let order = try await shop.orders.order(code: code, for: visitor, secret: secret)
        guard order.state == .pending else { return .seeOther("/orders/\(order.code)") }
        let listing = try await shop.catalog.listing(id: order.eventId)
        let answer = try await shop.payments.start(
            order: order,
            title: listing.event.title,
            returnPath: "/orders/\(order.code)",
            key: nil
        )
        return .seeOther(try JSON.decode(Redirect.self, from: answer.body).redirect)
    }

    @Sendable private func release(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let hold = try await shop.holds.hold(
            id: try context.identifier("hold"),
            for: context.visitor
        )
        try await shop.holds.release(id: hold.id, for: context.visitor)
        return .seeOther("/e/\(try await shop.catalog.listing(id: hold.eventId).event.slug)")
    }

    @Sendable private func pay(_ request: Request, _ context: ShopContext) async throws -> Response {
        let key = request.mailedKey
        var response = try await startPayment(
            try context.name("code"),
            context.visitor,
            secret: key
        )
        // The provider sends everybody to the same address, whoever began to pay.
        if let key {
            let cookie = ShopCookie.key.header(key, seconds: Span.hour / Span.second)
            response.headers[values: .setCookie].append(cookie)
        }
        return response
    }

    @Sendable private func cancel(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let code = try context.name("code")
        do {
            try await shop.orders.cancel(code: code, for: context.visitor)
        } catch let problem as Problem where problem == .orderClosed {
            // The page of the order says why it can no longer be cancelled.
        }
        return .seeOther("/orders/\(code)")
    }

    @Sendable private func list(_ request: Request, _ context: ShopContext) async throws -> Response {
        let visitor = context.visitor
        let orders = try await shop.database.read { try OrderRows.orders(of: visitor, $0) }
        var cards: [[String: Any]] = []
        for order in orders {
            let listing = try await shop.catalog.listing(id: order.eventId)
            cards.append([
                "code": order.code, "title": listing.event.title,
                "created": LocalTime.date(order.createdAt, in: listing.event.timeZone).longDate,
                "state": OrderPageModel.words(for: order.state),
                "badge": order.state == .paid ? "good" : order.state == .pending ? "warn" : "",
                "count": order.unitCount == 1 ? "1 seat" : "\(order.unitCount) seats",
                "total": Money(amount: order.total, currency: order.currency).description,
            ])
        }
        let values: [String: Any] = [
            "orders": cards, "account": try await account(of: visitor)?.email ?? "",
            "holds": try await shop.held(by: visitor),
        ]
        return .page(pages.render("orders", values, visitor: visitor))
    }

    @Sendable private func show(_ request: Request, _ context: ShopContext) async throws -> Response {
        let secret = request.mailedKey ?? ShopCookie.key.value(in: request)
        let order = try await shop.orders.order(
            code: try context.name("code"),
            for: context.visitor,
            secret: secret
        )
        let isOwn = shop.orders.isOpen(order, to: context.visitor)
        let listing = try await shop.catalog.listing(id: order.eventId)
        let (document, payment) = try await shop.database.read { connection in
            (
                try OrderDocument.read(order.id, in: listing, connection),
                order.state == .pending ? try PaymentRows.last(order: order.id, connection) : nil
            )
        }
        var values = Self.head(listing)
        let model = OrderPageModel(
            order: order,
            document: document,
            timeZone: listing.event.timeZone,
            secret: isOwn ? request.mailedKey : secret,
            isRefundable: isRefundable(order, document, listing, context.visitor),
            isOwn: isOwn,
            payment: payment?.state,
            now: shop.orders.clock.now(),
            isEventCancelled: listing.event.status == .cancelled
        )
        values.merge(model.values) { _, new in new }
        var response = Response.page(pages.render("order", values, visitor: context.visitor))
        response.freePlace(after: order, at: shop.clock.now())
        return response
    }

    private func isRefundable(
        _ order: Order,
        _ document: OrderDocument,
        _ listing: Listing,
        _ visitor: Visitor
    ) -> Bool {
        let isTheirs = visitor.owns(userId: order.userId, sessionHash: order.sessionHash)
        let deadline = listing.event.startsAt - shop.refunds.buyerDeadline
        return isTheirs && shop.clock.now() < deadline && order.total > 0
            && document.seats.contains { $0.ticket == "valid" }
            && (order.state == .paid || order.state == .partiallyRefunded)
    }

    @Sendable private func refund(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let order = try await shop.orders.order(
            code: try context.name("code"),
            for: context.visitor
        )
        do {
            _ = try await shop.refunds.request(
                .all,
                of: order,
                in: try await shop.catalog.listing(id: order.eventId),
                byBuyer: true,
                key: nil
            )
        } catch let problem as Problem where problem == .orderClosed {
            // Asked twice: the page of the order says what came of it.
        }
        return .seeOther("/orders/\(order.code)")
    }

    @Sendable private func calendar(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let order = try await shop.orders.order(
            code: try context.name("code"),
            for: context.visitor,
            secret: request.mailedKey
        )
        let listing = try await shop.catalog.listing(id: order.eventId)
        let papers = TicketPapers(order: order, tickets: [], listing: listing)
        return .bytesResponse(
            200,
            Array(papers.calendar.utf8),
            type: "text/calendar; charset=utf-8",
            cache: .personal
        )
    }

    private func account(of visitor: Visitor) async throws -> Account? {
        guard let identity = visitor.identity else { return nil }
        return try await shop.accounts.account(id: identity.userId)
    }

    private static func head(_ listing: Listing) -> [String: Any] {
        let event = listing.event
        let date = LocalTime.date(event.startsAt, in: event.timeZone)
        return [
            "slug": event.slug, "title": event.title, "venue": "\(event.venueName), \(event.city)",
            "date": date.longDate, "time": date.clockTime,
        ]
    }

    private static func lines(_ seats: [HoldDocument.Item], _ currency: String) -> [[String:
        String]]
    {
        seats.map { seat in
            [
                "place": TicketPapers.words(
                    for: SeatMap.Place(
                        label: seat.label,
                        section: seat.section,
                        row: seat.row,
                        number: seat.number
                    )
                ),
                "amount": Money(amount: seat.amount, currency: currency).description,
                "fee": Money(amount: seat.fee, currency: currency).description,
            ]
        }
    }
}
