import HTTPTypes
import Hummingbird

/// Holds: seats kept for a visitor.
struct HoldRoutes: Sendable {
    private struct Body: Decodable {
        struct Best: Decodable {
            let qty: Int
            let section: String?
            let tier: Int?
            let together: Bool?
        }

        let seats: [SeatReference]?
        let best: Best?
    }

    /// A seat by number or by label.
    private enum SeatReference: Decodable {
        case number(Int)
        case label(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int.self) {
                self = .number(number)
            } else {
                self = .label(try container.decode(String.self))
            }
        }
    }

    let shop: Shop

    func add(to group: RouterGroup<ShopContext>) {
        group.post("events/:slug/holds", use: place)
        group.get("holds/:id", use: show)
        group.delete("holds/:id", use: release)
    }

    @Sendable private func place(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let listing = try await shop.catalog.listing(slug: try context.name("slug"))
        let bytes = try await request.jsonBytes()
        let wanted = try wanted(try JSON.decode(Body.self, from: bytes), in: listing)
        let (visitor, cart) = Cart(shop: shop).visitor(for: request, context.visitor)
        let key = try request.idempotencyKey(scope: "holds:\(visitor.sessionHash)", body: bytes)
        var response = try await shop.holds.place(wanted, in: listing, for: visitor, key: key)
            .response
        if let cart { response.headers[values: .setCookie].append(Cart.header(cart)) }
        return response
    }

    private func wanted(_ body: Body, in listing: Listing) throws -> HoldDesk.Wanted {
        switch (body.seats, body.best) {
        case (let seats?, nil):
            guard seats.count <= 100 else { throw Problem.limitExceeded("at most 100 seats") }
            let numbers = try seats.map { try number(of: $0, in: listing.map) }
            guard Set(numbers).count == numbers.count else {
                throw Problem.invalidBody("a seat is named twice")
            }
            return .seats(numbers)
        case (nil, let best?):
            var wish = BestAvailable.Wish(
                count: best.qty,
                tier: best.tier,
                together: best.together ?? true
            )
            if let code = best.section {
                guard let section = listing.map.section(code: code) else {
                    throw Problem.invalidBody("there is no section \(code)")
                }
                wish.section = section.number
            }
            return .best(wish)
        default: throw Problem.invalidBody("send either seats or best")
        }
    }

    private func number(of reference: SeatReference, in map: SeatMap) throws -> Int {
        switch reference {
        case .number(let number):
            guard map.seats.indices.contains(number) else {
                throw Problem.invalidBody("there is no seat \(number)")
            }
            return number
        case .label(let label):
            guard let number = map.number(of: label) else {
                throw Problem.invalidBody("there is no such seat")
            }
            return number
        }
    }

    @Sendable private func show(_ request: Request, _ context: ShopContext) async throws -> Response {
        let hold = try await shop.holds.hold(id: try context.identifier("id"), for: context.visitor)
        return .json(HoldDocument(hold, in: try await shop.catalog.listing(id: hold.eventId)))
    }

    @Sendable private func release(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try await shop.holds.release(id: try context.identifier("id"), for: context.visitor)
        return Response(status: .noContent, headers: [.cacheControl: CachePolicy.personal.rawValue])
    }
}
