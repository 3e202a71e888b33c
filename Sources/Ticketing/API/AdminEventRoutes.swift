import HTTPTypes
import Hummingbird

/// What the house does about events, maps, seats and vouchers. For the role `admin`.
struct AdminEventRoutes: Sendable {
    private struct MapDocument: Encodable {
        let map: String
        let revision: Int
    }

    private struct EventDocument: Encodable {
        let id: String
        let slug: String
        let status: String
    }

    private struct BlockBody: Decodable {
        let seats: [String]
    }

    private struct BlockDocument: Encodable {
        let seats: [String]
    }

    private struct VoucherBody: Decodable {
        let code: String
        let kind: String
        let amount: Int64
        let maxUses: Int
        let validUntil: String?

        func voucher(id: Int64) throws(Problem) -> Voucher {
            guard let code = Voucher.normalised(code) else {
                throw .invalidBody("code has 1 to 32 characters of ASCII")
            }
            guard let kind = [Voucher.Kind.percent, .amount].first(where: { $0.name == self.kind })
            else { throw .invalidBody("kind is percent or amount") }
            guard kind != .percent || (1...100).contains(amount) else {
                throw .invalidBody("amount of a percent voucher is 1 to 100")
            }
            guard (1...100_000_000).contains(amount) else {
                throw .invalidBody("amount is 1 to 100,000,000")
            }
            guard (1...1_000_000).contains(maxUses) else {
                throw .invalidBody("max_uses is 1 to 1,000,000")
            }
            let end = validUntil.flatMap(Milliseconds.init(timestamp:))
            guard validUntil == nil || end != nil else {
                throw .invalidBody("valid_until is a date or a time as in RFC 3339")
            }
            return Voucher(
                id: id,
                code: code,
                kind: kind,
                amount: amount,
                maxUses: maxUses,
                uses: 0,
                validUntil: end
            )
        }
    }

    private struct VoucherDocument: Encodable {
        let code: String
        let kind: String
        let amount: Int64
        let maxUses: Int
        let uses: Int
        let validUntil: String?

        init(_ voucher: Voucher) {
            code = voucher.code
            kind = voucher.kind.name
            amount = voucher.amount
            maxUses = voucher.maxUses
            uses = voucher.uses
            validUntil = voucher.validUntil?.timestamp
        }
    }

    let shop: Shop

    func add(to group: RouterGroup<ShopContext>) {
        group.post("admin/maps", use: importMap)
        group.post("admin/events", use: create)
        group.patch("admin/events/:slug", use: update)
        for (word, status) in [
            ("open", EventStatus.published), ("pause", .paused), ("close", .paused),
            ("cancel", .cancelled),
        ] {
            group.post(RouterPath("admin/events/:slug/\(word)")) { request, context in
                try await setStatus(status, request, context)
            }
        }
        group.post("admin/events/:slug/blocks", use: block)
        group.delete("admin/events/:slug/blocks", use: unblock)
        group.get("admin/events/:slug/vouchers", use: vouchers)
        group.post("admin/events/:slug/vouchers", use: addVoucher)
        group.post("admin/events/:slug/orders", use: giveAway)
    }

    private func note(
        _ action: String,
        _ context: ShopContext,
        _ entity: String,
        _ data: String = ""
    ) async throws {
        try await shop.audit.note(action, by: context.visitor.actor, about: entity, data)
    }

    @Sendable private func importMap(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try context.require(.admin)
        let bytes = try await request.jsonBytes(limit: 8 << 20)
        let map = try JSON.decode(MapImport.self, from: bytes).trimmed
        try map.check()
        return try await shop.once(request, context.visitor, Likeness(body: bytes)) {
            let (id, revision) = try await shop.database.write { try map.insert(shop.mint, $0) }
            try await note("map imported", context, "map \(id)")
            return Answer(status: 201, MapDocument(map: String(id), revision: revision))
        }
    }

    @Sendable private func create(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try context.require(.admin)
        let bytes = try await request.jsonBytes()
        let draft = try JSON.decode(EventDraft.self, from: bytes)
        try draft.check()
        return try await shop.once(request, context.visitor, Likeness(body: bytes)) {
            let id = shop.mint.next()
            try await shop.database.write { try draft.insert(id: id, $0) }
            try await note("event created", context, "event \(id)")
            let document = EventDocument(
                id: String(id),
                slug: draft.slug ?? "",
                status: EventStatus.published.name
            )
            return Answer(status: 201, document)
        }
    }

    @Sendable private func update(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try context.require(.admin)
        let listing = try await shop.catalog.listing(slug: try context.name("slug"))
        let event = listing.event
        let bytes = try await request.jsonBytes()
        let draft = try JSON.decode(EventDraft.self, from: bytes)
        try draft.check()
        try draft.checkStays(listing)
        return try await shop.once(request, context.visitor, Likeness(body: bytes)) {
            try await shop.database.write { try draft.update(event.id, $0) }
            try await note("event changed", context, "event \(event.id)")
            return Answer(status: 200, document(event, event.status))
        }
    }

    private func document(_ event: Event, _ status: EventStatus) -> EventDocument {
        EventDocument(id: String(event.id), slug: event.slug, status: status.name)
    }

    private func setStatus(_ status: EventStatus, _ request: Request, _ context: ShopContext)
        async throws -> Response
    {
        try context.require(.admin)
        let event = try await shop.catalog.listing(slug: try context.name("slug")).event
        return try await shop.once(request, context.visitor) {
            try await shop.setStatus(status, of: event, by: context.visitor.actor)
            return Answer(status: 200, document(event, status))
        }
    }

    private func seats(_ body: BlockBody, in listing: Listing) throws(Problem) -> [Int] {
        guard (1...5000).contains(body.seats.count) else {
            throw .invalidBody("seats has 1 to 5,000 names")
        }
        let numbers = body.seats.compactMap { listing.map.number(of: $0) }
        guard numbers.count == body.seats.count, Set(numbers).count == numbers.count else {
            throw .invalidBody("there is no such seat, or one is named twice")
        }
        return numbers
    }

    /// Keeps seats back, all or none.
    @Sendable private func block(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try context.require(.admin)
        let listing = try await shop.catalog.listing(slug: try context.name("slug"))
        let bytes = try await request.jsonBytes()
        let body = try JSON.decode(BlockBody.self, from: bytes)
        let seats = try seats(body, in: listing)
        return try await shop.once(request, context.visitor, Likeness(body: bytes)) {
            let hold = shop.mint.next()
            let event = listing.event.id
            try await shop.database.write { connection in
                let now = shop.clock.now()
                let taken = try HoldRows.claim(
                    seats,
                    event: event,
                    hold: hold,
                    until: now,
                    connection
                )
                guard taken.isEmpty else { throw Problem.seatsTaken(taken, in: listing) }
                try connection.run(
                    "UPDATE seat_claims SET state = 3, expires_at = NULL WHERE hold_id = ?",
                    [hold]
                )
                connection.touch(event: event)
            }
            try await note("seats blocked", context, "event \(event)")
            return Answer(status: 201, BlockDocument(seats: body.seats))
        }
    }

    @Sendable private func unblock(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try context.require(.admin)
        let listing = try await shop.catalog.listing(slug: try context.name("slug"))
        let body = try JSON.decode(BlockBody.self, from: try await request.jsonBytes())
        let seats = try seats(body, in: listing)
        let event = listing.event.id
        try await shop.database.write { connection in
            for seat in seats.sorted() {
                try connection.run(
                    "DELETE FROM seat_claims WHERE event_id = ? AND seat_no = ? AND state = 3",
                    [event, seat]
                )
            }
            connection.touch(event: event)
        }
        try await note("seats unblocked", context, "event \(event)")
        return Response(status: .noContent, headers: [.cacheControl: CachePolicy.personal.rawValue])
    }

    @Sendable private func vouchers(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try context.require(.admin)
        let event = try await shop.catalog.listing(slug: try context.name("slug")).event.id
        let vouchers = try await shop.database.read { try VoucherRows.all(event: event, $0) }
        return .json(vouchers.map(VoucherDocument.init))
    }

    @Sendable private func addVoucher(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try context.require(.admin)
        let event = try await shop.catalog.listing(slug: try context.name("slug")).event.id
        let bytes = try await request.jsonBytes()
        let voucher = try JSON.decode(VoucherBody.self, from: bytes).voucher(id: shop.mint.next())
        return try await shop.once(request, context.visitor, Likeness(body: bytes)) {
            let isNew = try await shop.database.write {
                try VoucherRows.insert(voucher, event: event, $0)
            }
            guard isNew else { throw Problem.voucherTaken }
            let worth = "\(voucher.kind.name) \(voucher.amount), \(voucher.maxUses) uses"
            try await note("voucher added", context, "event \(event)", "\(voucher.code): \(worth)")
            return Answer(status: 201, VoucherDocument(voucher))
        }
    }

    /// Gives seats away: an order that costs nothing.
    @Sendable private func giveAway(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        struct Recipient: Decodable {
            let email: String
            let holder: String
        }
        try context.require(.admin)
        let listing = try await shop.catalog.listing(slug: try context.name("slug"))
        let bytes = try await request.jsonBytes()
        let recipient = try JSON.decode(Recipient.self, from: bytes)
        let wanted = try JSON.decode(HoldWish.self, from: bytes).wanted(in: listing)
        guard let email = EmailAddress(recipient.email), recipient.holder.isName else {
            throw Problem.invalidBody("email is an address, holder has 1 to 120 characters")
        }
        guard recipient.holder.isPrintable else { throw Problem.invalidText("holder") }
        let scope = "give-away:\(context.visitor.sessionHash)"
        let key = try request.idempotencyKey(scope: scope, body: bytes)
        return try await shop.once(request, context.visitor, Likeness(body: bytes)) {
            // An earlier attempt may have been committed without anybody's hearing of it.
            if let key,
                let answer = try await shop.database.read({ try Idempotency.answer(key, $0) })
            {
                return answer
            }
            let visitor = Visitor(cartHash: Token.hash(Token.secret()))
            let hold = try await shop.holds.place(wanted, in: listing, for: visitor, key: nil)
            let id = try JSON.decode(HoldIdentifier.self, from: hold.body).id
            let order = OrderDesk.Request(
                hold: try await shop.holds.hold(id: Int64(id) ?? 0, for: visitor),
                email: email,
                holder: recipient.holder,
                isFree: true
            )
            try await note("seats given away", context, "event \(listing.event.id)")
            return try await shop.orders.create(order, in: listing, for: visitor, key: key)
        }
    }
}
