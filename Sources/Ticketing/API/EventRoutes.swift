import HTTPTypes
import Hummingbird

/// Events, their maps and their seats: the same for everybody.
struct EventRoutes: Sendable {
    private struct EventDocument: Encodable {
        let slug: String
        let title: String
        let body: String
        let venue: String
        let city: String
        let startsAt: String
        let salesOpenAt: String
        let salesCloseAt: String
        let sale: String
        let currency: String
        let from: Int64
        let seats: Int
        let free: Int
        let maxPerOrder: Int
        let waitingRoom: Bool
        /// Where the seat map of this revision lies; it never changes.
        let map: String
        let tiers: [TierDocument]
    }

    private struct TierDocument: Encodable {
        let number: Int
        let name: String
        let amount: Int64
        let fee: Int64
        let color: String
    }

    private struct SectionDocument: Encodable {
        let number: Int
        let code: String
        let name: String
        let firstSeat: Int
        let seatCount: Int
        let tier: Int
        /// How many people a standing area takes.
        let standing: Int?
        let rows: [RowDocument]?
    }

    private struct RowDocument: Encodable {
        let row: String
        let firstSeat: Int
        let numbers: [String]
        let x: [Int]
        let y: [Int]
    }

    private struct MapDocument: Encodable {
        let revision: Int
        let seatCount: Int
        let sections: [SectionDocument]
    }

    let shop: Shop

    func add(to group: RouterGroup<ShopContext>) {
        group.get("events", use: list)
        group.get("events/:slug", use: event)
        group.get("events/:slug/map", use: map)
        group.get("events/:slug/map/sections/:number", use: section)
        group.get("events/:slug/seats", use: seats)
    }

    @Sendable private func list(_ request: Request, _ context: ShopContext) async throws -> Response {
        let query = request.uri.queryParameters
        let words = query["q"].map { String($0.prefix(100)) }
        var from: Milliseconds?
        if let text = query["from"] {
            guard let moment = Milliseconds(timestamp: String(text)) else {
                throw Problem.invalidBody("from is a date or a time as in RFC 3339")
            }
            from = moment
        }
        let page = try request.page()
        let list = try await shop.catalog.list()
        let found = (words.map(list.events(with:)) ?? list.events).filter { event in
            event.startsAt >= (from ?? .min)
        }
        let shown = try await shop.catalog.page(page, of: found)
        let documents = zip(shown, try await shop.board.availabilities(of: shown)).map(document)
        return shared(request, JSON.encode(documents), cache: .listed)
    }

    @Sendable private func event(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let listing = try await shop.catalog.listing(slug: try context.name("slug"))
        let availability = try await shop.board.availability(of: listing)
        return shared(request, JSON.encode(document(listing, availability)))
    }

    private func shared(_ request: Request, _ bytes: [UInt8], cache: CachePolicy = .shared)
        -> Response
    {
        let etag =
            "\"\(Token.hexadecimal(Array(Token.hash(String(decoding: bytes, as: UTF8.self)).utf8.prefix(8))))\""
        return .validated(request, etag: etag, type: "application/json", cache: cache, bytes)
    }

    private func document(_ listing: Listing, _ availability: Availability) -> EventDocument {
        let event = listing.event
        return EventDocument(
            slug: event.slug,
            title: event.title,
            body: event.body,
            venue: event.venueName,
            city: event.city,
            startsAt: event.startsAt.timestamp,
            salesOpenAt: event.salesOpenAt.timestamp,
            salesCloseAt: event.salesCloseAt.timestamp,
            sale: event.sale(at: shop.clock.now()).rawValue,
            currency: event.currency,
            from: listing.lowestPrice.amount,
            seats: listing.map.capacity,
            free: availability.freeCount,
            maxPerOrder: event.maxPerOrder,
            waitingRoom: event.waitingRoom,
            map: "/api/v1/events/\(event.slug)/map?revision=\(listing.map.revision)",
            tiers: listing.tiers.map {
                TierDocument(
                    number: $0.number,
                    name: $0.name,
                    amount: $0.amount,
                    fee: $0.fee,
                    color: $0.color
                )
            }
        )
    }

    @Sendable private func map(_ request: Request, _ context: ShopContext) async throws -> Response {
        let listing = try await shop.catalog.listing(slug: try context.name("slug"))
        let document = MapDocument(
            revision: listing.map.revision,
            seatCount: listing.map.seats.count,
            sections: listing.map.sections.indices.map { section($0, in: listing, withRows: false) }
        )
        return shared(request, JSON.encode(document), cache: mapCache(request, listing))
    }

    /// An address that names the map's revision may be kept for ever; one that does not, for minutes.
    private func mapCache(_ request: Request, _ listing: Listing) -> CachePolicy {
        let revision = request.uri.queryParameters["revision"]
        return revision.map(String.init) == String(listing.map.revision) ? .immutable : .settled
    }

    @Sendable private func section(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let listing = try await shop.catalog.listing(slug: try context.name("slug"))
        let number = try context.identifier("number")
        guard let index = listing.map.sections.firstIndex(where: { Int64($0.number) == number })
        else {
            throw Problem.notFound
        }
        return shared(
            request,
            JSON.encode(section(index, in: listing, withRows: true)),
            cache: mapCache(request, listing)
        )
    }

    private func section(_ index: Int, in listing: Listing, withRows: Bool) -> SectionDocument {
        let section = listing.map.sections[index]
        let rows = section.rows.map { row in
            let seats = listing.map.seats[row.seats]
            return RowDocument(
                row: row.label,
                firstSeat: row.seats.lowerBound,
                numbers: seats.map(\.number),
                x: seats.map(\.x),
                y: seats.map(\.y)
            )
        }
        return SectionDocument(
            number: section.number,
            code: section.code,
            name: section.name,
            firstSeat: section.firstSeat,
            seatCount: section.seatCount,
            tier: listing.tierOfSection[index].number,
            standing: section.standingCapacity,
            rows: withRows ? rows : nil
        )
    }

    @Sendable private func seats(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let listing = try await shop.catalog.listing(slug: try context.name("slug"))
        let availability = try await shop.board.availability(of: listing)
        let etag = "\"\(listing.event.id)-\(availability.revision)\""
        if request.headers[.accept]?.contains("application/octet-stream") == true {
            let etag = "\"\(listing.event.id)-\(availability.revision)-raw\""
            return varying(
                .validated(
                    request,
                    etag: etag,
                    type: "application/octet-stream",
                    cache: .shared,
                    availability.packed
                )
            )
        }
        return varying(
            .validated(
                request,
                etag: etag,
                type: "application/json",
                cache: .shared,
                availability.document
            )
        )
    }

    private func varying(_ response: Response) -> Response {
        var response = response
        response.headers[.vary] = "Accept"
        return response
    }
}
