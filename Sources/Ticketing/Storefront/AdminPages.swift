import HTTPTypes
import Hummingbird

/// The house's pages: how a sale goes, what waits for people, and the door.
struct AdminPages: Sendable {
    let shop: Shop
    let pages: Pages

    func add(to router: Router<ShopContext>) {
        router.get("admin", use: list)
        router.get("admin/events/:slug", use: board)
        router.post("admin/events/:slug/status", use: setStatus)
        router.post("admin/jobs/:id/replay", use: replay)
        router.post("admin/refunds/:id/retry", use: retry)
        router.post("admin/refunds/:id/settle", use: settle)
        router.get("door", use: door)
        router.post("door", use: admit)
    }

    @Sendable private func list(_ request: Request, _ context: ShopContext) async throws -> Response {
        try context.require(.admin)
        let page = try request.page()
        let events = try await shop.catalog.glimpses()
        let listings = try await shop.catalog.page(page, of: events)
        let states = try await shop.board.availabilities(of: listings)
        let rows = zip(listings, states).map { listing, availability -> [String: Any] in
            [
                "slug": listing.event.slug, "title": listing.event.title,
                "sale": listing.event.sale(at: shop.clock.now()).rawValue,
                "free": availability.freeCount, "capacity": listing.map.capacity,
            ]
        }
        let dead = try await shop.jobs.dead().map { job in
            [
                "id": String(job.id), "topic": job.topic, "ref": job.reference,
                "error": job.lastError ?? "",
            ]
        }
        let values: [String: Any] = [
            "events": rows, "dead": dead, "refunds": try await deadRefunds(),
        ]
        let links = PageLinks.values(page, of: events.count)
        let all = values.merging(links) { $1 }
        return .page(pages.render("admin", all, visitor: context.visitor))
    }

    private func deadRefunds() async throws -> [[String: Any]] {
        try await shop.refundRunner.dead().map { refund in
            [
                "id": refund.id, "order": refund.order, "attempts": refund.attempts,
                "amount": Money(amount: refund.amount, currency: refund.currency).description,
                "error": refund.error ?? "",
            ]
        }
    }

    @Sendable private func board(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try context.require(.admin)
        let listing = try await shop.catalog.fresh(slug: try context.name("slug"))
        let figures = try await SalesBoard(shop: shop).figures(of: listing)
        let model = SalesBoardModel(figures: figures, title: listing.event.title)
        return .page(pages.render("board", model.values, visitor: context.visitor))
    }

    @Sendable private func setStatus(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try context.require(.admin)
        let event = try await shop.catalog.listing(slug: try context.name("slug")).event
        let form = try await request.form()
        let status: EventStatus
        switch form["status"] {
        case "open": status = .published
        case "pause": status = .paused
        case "cancel" where form["sure"] == "yes": status = .cancelled
        default: throw Problem.invalidBody("status is open, pause, or cancel for whoever is sure")
        }
        try await shop.setStatus(status, of: event, by: context.visitor.actor)
        return .seeOther("/admin/events/\(event.slug)")
    }

    @Sendable private func replay(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        _ = try await shop.act("replay", on: "job", context, shop.jobs.replay)
        return .seeOther("/admin")
    }

    @Sendable private func retry(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        _ = try await shop.act("retry", on: "refund", context, shop.refundRunner.retry)
        let slug = try await request.form()["event"]
        guard !slug.isEmpty else { return .seeOther("/admin") }
        let listing = try await shop.catalog.listing(slug: slug)
        return .seeOther("/admin/events/\(listing.event.slug)")
    }

    @Sendable private func settle(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        _ = try await shop.act("settle", on: "refund", context, shop.refundRunner.settle)
        return .seeOther("/admin")
    }

    @Sendable private func door(_ request: Request, _ context: ShopContext) async throws -> Response {
        try context.require(.door, .admin)
        let values = ["events": try await choices("")]
        return .page(pages.render("door", values, visitor: context.visitor))
    }

    /// The events that somebody may be letting people in to: those of a day before and after now.
    private func choices(_ chosen: String) async throws -> [[String: Any]] {
        let now = shop.clock.now()
        let events = try await shop.catalog.glimpses().filter { event in
            event.slug == chosen || abs(event.startsAt - now) < Span.day
        }
        return events.map { event in
            let isChosen = event.slug == chosen || (chosen.isEmpty && events.count == 1)
            return ["slug": event.slug, "title": event.title, "is_chosen": isChosen]
        }
    }

    /// What was scanned. "Any" event is one of these days: nobody comes to the door months before.
    private func scan(_ qr: String, _ gate: String, _ slug: String) async throws -> DoorDesk.Scan {
        let scan = DoorDesk.Scan(qr: qr, gate: gate, event: slug.isEmpty ? nil : slug, at: nil)
        let meant = try await shop.door.listings(of: [try scan.checked()]).values.first
        guard slug.isEmpty, let meant,
            abs(meant.event.startsAt - shop.clock.now()) >= Span.day
        else { return scan }
        return DoorDesk.Scan(qr: qr, gate: gate, event: "", at: nil)
    }

    @Sendable private func admit(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try context.require(.door, .admin)
        let form = try await request.form()
        let gate = form["gate"].isEmpty ? "door" : form["gate"]
        let slug = form["event"]
        let scan = try await scan(form["qr"].trimmed, gate, slug)
        let listings = try await shop.door.listings(of: [scan])
        let listing = listings.values.first
        let result = try await shop.database.write { try shop.door.admit(scan, listings, $0) }
        let words = [
            "ok": "Welcome", "already": "Used already", "void": "Not valid any more",
            "invalid": "Not a ticket of ours", "wrong-event": "For another event",
        ]
        let values: [String: Any] = [
            "events": try await choices(slug), "gate": gate,
            "result": words[result.result] ?? result.result,
            "badge": result.result == "ok" ? "good" : "warn", "holder": result.holder ?? "",
            "place": result.label.flatMap { listing?.words(for: $0) } ?? "",
            "first": result.firstAt.flatMap { first(at: $0, in: listing) } ?? "",
            "at_gate": result.gate ?? "",
            "meant": listing.map { "\($0.event.title), \(Self.date(of: $0.event))" } ?? "",
        ]
        return .page(pages.render("door", values, visitor: context.visitor))
    }

    private static func date(of event: Event) -> String {
        LocalTime.date(event.startsAt, in: event.timeZone).longDate
    }

    /// A moment as the venue's clocks show it.
    private func first(at timestamp: String, in listing: Listing?) -> String? {
        guard let listing, let moment = Milliseconds(timestamp: timestamp) else { return nil }
        let date = LocalTime.date(moment, in: listing.event.timeZone)
        return "\(date.longDate), \(date.clockTime)"
    }
}

extension Listing {
    /// A seat or standing area, by the name that is in codes, in the words of a ticket.
    func words(for label: String) -> String {
        let seat = map.number(of: label)
        let section = seat.map { map.seats[$0].section } ?? map.section(code: label)?.number
        return section.map { TicketPapers.words(for: map.place(section: $0, seat: seat)) } ?? label
    }
}
