import HTTPTypes
import Hummingbird

/// What the house sees.
struct AdminRoutes: Sendable {
    let shop: Shop

    func add(to group: RouterGroup<ShopContext>) {
        group.get("admin/events/:slug/ledger", use: ledger)
    }

    @Sendable private func ledger(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try context.require(.admin)
        let listing = try await shop.catalog.listing(slug: try context.name("slug"))
        let lines = try await shop.database.read { try Ledger(listing: listing).lines($0) }
        return .bytesResponse(200, lines, type: "application/x-ndjson", cache: .personal)
    }
}
