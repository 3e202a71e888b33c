import HTTPTypes
import Hummingbird

/// Tickets as papers, and giving them back.
struct TicketRoutes: Sendable {
    private struct RefundBody: Decodable {
        let tickets: Selection

        /// A list of serials, or the word `all`.
        enum Selection: Decodable {
            case all
            case serials([String])

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let word = try? container.decode(String.self), word == "all" {
                    self = .all
                } else {
                    self = .serials(try container.decode([String].self))
                }
            }
        }
    }

    let shop: Shop

    func add(to group: RouterGroup<ShopContext>) {
        group.get("orders/:code/tickets.pdf", use: pdf)
        group.get("tickets/:file", use: picture)
        group.post("orders/:code/refunds", use: refund)
    }

    @Sendable private func pdf(_ request: Request, _ context: ShopContext) async throws -> Response {
        try await pdf(request, code: try context.name("code"), context.visitor)
    }

    /// The tickets of an order as a document.
    func pdf(_ request: Request, code: String, _ visitor: Visitor) async throws -> Response {
        let order = try await shop.orders.order(
            code: code,
            for: visitor,
            secret: request.uri.queryParameters["key"].map(String.init)
        )
        let tickets = try await shop.database.read { try OrderRows.tickets(of: order.id, $0) }
        let listing = try await shop.catalog.listing(id: order.eventId)
        let papers = TicketPapers(order: order, tickets: tickets, listing: listing)
        guard let bytes = try await shop.press.run(order: order.id, { try papers.pdf() }) else {
            throw Problem.notFound
        }
        var response = Response.bytesResponse(
            200,
            bytes,
            type: "application/pdf",
            cache: .personal
        )
        response.headers[.contentDisposition] =
            "inline; filename=\"tickets-\(order.code).pdf\""
        return response
    }

    @Sendable private func picture(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let file = try context.name("file")
        guard file.hasSuffix(".svg") else { throw Problem.notFound }
        let serial = String(file.dropLast(4)).uppercased()
        let found = try await shop.database.read { connection in
            try OrderRows.ticket(serial: serial, connection).flatMap { found in
                try OrderRows.order(id: found.order, connection).map { (found.ticket, $0) }
            }
        }
        guard let (ticket, order) = found else { throw Problem.notFound }
        _ = try await shop.orders.order(
            code: order.code,
            for: context.visitor,
            secret: request.uri.queryParameters["key"].map(String.init)
        )
        let label = "Ticket \(ticket.serial)"
        guard ticket.isValid, let svg = QRCode(ticket.code)?.document(label: label) else {
            throw Problem.notFound
        }
        return .bytesResponse(200, Array(svg.utf8), type: "image/svg+xml", cache: .personal)
    }

    @Sendable private func refund(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let order = try await shop.orders.order(
            code: try context.name("code"),
            for: context.visitor
        )
        let bytes = try await request.jsonBytes()
        let body = try JSON.decode(RefundBody.self, from: bytes)
        let scope = "refunds:\(order.id)"
        guard let key = try request.idempotencyKey(scope: scope, body: bytes) else {
            throw Problem.invalidBody("Idempotency-Key is required")
        }
        let selection: RefundDesk.Selection
        switch body.tickets {
        case .all: selection = .all
        case .serials(let serials):
            guard (1...100).contains(serials.count) else {
                throw Problem.invalidBody("tickets is a list of serials, or all")
            }
            selection = .serials(serials)
        }
        return try await shop.refunds.request(
            selection,
            of: order,
            in: try await shop.catalog.listing(id: order.eventId),
            byBuyer: context.visitor.identity?.role != .admin,
            key: key
        ).response
    }
}
