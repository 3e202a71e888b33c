import HTTPTypes
import Hummingbird

/// The pages that are the same for everybody, and the forms on them.
struct StorefrontRoutes: Sendable {
    let shop: Shop
    let pages: Pages
    private let cache = PageCache()

    init(shop: Shop, pages: Pages) {
        self.shop = shop
        self.pages = pages
    }

    func add(to router: Router<ShopContext>) {
        router.get("/", use: list)
        router.get("e/:slug", use: event)
        router.post("e/:slug/holds", use: hold)
        router.get("e/:slug/holds", use: map)
    }

    @Sendable private func list(_ request: Request, _ context: ShopContext) async throws -> Response {
        let now = shop.clock.now()
        let page = try request.page()
        let events = try await shop.catalog.glimpses()
        let shown = try await shop.catalog.page(page, of: events)
        guard page == 1 || !shown.isEmpty else { throw Problem.notFound }
        let models = zip(shown, try await shop.board.availabilities(of: shown)).map {
            EventPageModel(listing: $0, availability: $1, now: now)
        }
        let revision = models.reduce(Int64(0)) { $0 &+ $1.availability.revision }
        let html = cache.page("\(page)", revision: revision, at: now) { [models] in
            let past = models.filter(\.isOver).map(\.card)
            let values: [String: Any] = [
                "events": models.filter { !$0.isOver }.map(\.card), "past": past,
                "has_past": !past.isEmpty,
            ]
            return pages.render(
                "events",
                values.merging(PageLinks.values(page, of: events.count)) { $1 }
            )
        }
        return .page(html, cache: .shared)
    }

    private func model(_ listing: Listing) async throws -> EventPageModel {
        EventPageModel(
            listing: listing,
            availability: try await shop.board.availability(of: listing),
            now: shop.clock.now()
        )
    }

    @Sendable private func event(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let listing = try await shop.catalog.listing(slug: try context.name("slug"))
        var section: SeatMap.Section?
        if let code = request.uri.queryParameters["section"] {
            section = listing.map.section(code: String(code))
            if section == nil { throw Problem.notFound }
        }
        let model = try await model(listing)
        let name = "\(listing.event.slug)/\(section?.code ?? "")"
        let html = cache.page(name, revision: model.availability.revision, at: model.now) {
            pages.render("event", model.page(section: section, notice: nil))
        }
        return .page(html, cache: .shared)
    }

    /// Where somebody lands whose form was answered by a waiting room: it remembers the address, not the form.
    @Sendable private func map(_ request: Request, _ context: ShopContext) async throws -> Response {
        let listing = try await shop.catalog.listing(slug: try context.name("slug"))
        return .seeOther("/e/\(listing.event.slug)")
    }

    @Sendable private func hold(_ request: Request, _ context: ShopContext) async throws -> Response {
        let listing = try await shop.catalog.listing(slug: try context.name("slug"))
        let form = try await request.form()
        let (visitor, cart) = Cart(shop: shop).visitor(for: request, context.visitor)
        do {
            try shop.requireAdmission(of: request, to: listing.event)
            let wanted = try wanted(form, in: listing)
            let answer = try await shop.holds.place(wanted, in: listing, for: visitor, key: nil)
            let hold = try JSON.decode(HoldIdentifier.self, from: answer.body)
            var response = Response.seeOther("/checkout/\(hold.id)")
            if let cart { response.headers[values: .setCookie].append(Cart.header(cart)) }
            return response
        } catch let problem as Problem where problem.status < 500 {
            return try await refusal(
                problem,
                listing,
                section: form["section"],
                held: try await shop.held(by: context.visitor, at: listing.event.id)
            )
        }
    }

    private func wanted(_ form: FormFields, in listing: Listing) throws -> HoldDesk.Wanted {
        if !form["seats"].isEmpty {
            let numbers = form["seats"].split(separator: ",", maxSplits: 100).compactMap { Int($0) }
            guard !numbers.isEmpty, numbers.allSatisfy(listing.map.seats.indices.contains) else {
                throw Problem.invalidBody("there is no such seat")
            }
            return .seats(Array(Set(numbers)).sorted())
        }
        guard let count = Int(form["qty"]) else { throw Problem.invalidBody("say how many seats") }
        if let section = listing.map.section(code: form["standing"]) {
            return .standing(section: section.number, count: count)
        }
        return .best(
            BestAvailable.Wish(
                count: count,
                section: listing.map.section(code: form["section"])?.number,
                tier: Int(form["tier"]),
                together: form["apart"] != "yes"
            )
        )
    }

    /// The event page again, saying what went wrong and showing what is free now.
    private func refusal(
        _ problem: Problem,
        _ listing: Listing,
        section: String,
        held: [[String: String]]
    ) async throws -> Response {
        var notice = problem.title
        if let taken = problem.taken, !taken.isEmpty {
            notice += " Taken: \(taken.joined(separator: ", "))."
        }
        if let detail = problem.detail { notice += " (\(detail))" }
        var page = try await model(listing).page(
            section: listing.map.section(code: section),
            notice: notice
        )
        page["holds"] = held
        return .page(pages.render("event", page), status: problem.status)
    }
}

/// What the pages read of a hold that was just placed.
struct HoldIdentifier: Decodable {
    let id: String
}
