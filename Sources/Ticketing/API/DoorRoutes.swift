import HTTPTypes
import Hummingbird

/// What the scanners at the doors ask. For the roles `door` and `admin`.
struct DoorRoutes: Sendable {
    private struct BatchBody: Decodable {
        let scans: [DoorDesk.Scan]
    }

    private struct BatchDocument: Encodable {
        let results: [DoorDesk.Result]
    }

    let shop: Shop

    func add(to group: RouterGroup<ShopContext>) {
        group.post("checkins", use: admit)
        group.post("checkins/batch", use: admitBatch)
        group.get("checkins/manifest/:slug", use: manifest)
    }

    @Sendable private func admit(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try context.require(.door, .admin)
        let bytes = try await request.jsonBytes()
        let scan = try JSON.decode(DoorDesk.Scan.self, from: bytes).checked()
        return try await admit([scan], request, context, bytes) { results in
            results.first.map { Answer(status: 200, $0) } ?? Answer(status: 200, results)
        }
    }

    @Sendable private func admitBatch(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try context.require(.door, .admin)
        let bytes = try await request.jsonBytes(limit: 512 * 1024)
        let body = try JSON.decode(BatchBody.self, from: bytes)
        guard (1...DoorDesk.batchLimit).contains(body.scans.count) else {
            throw Problem.invalidBody("scans has 1 to \(DoorDesk.batchLimit) entries")
        }
        let scans = try body.scans.map { try $0.checked() }
        return try await admit(scans, request, context, bytes) {
            Answer(status: 200, BatchDocument(results: $0))
        }
    }

    private func admit(
        _ scans: [DoorDesk.Scan],
        _ request: Request,
        _ context: ShopContext,
        _ bytes: [UInt8],
        _ answer: @escaping @Sendable ([DoorDesk.Result]) -> Answer
    ) async throws -> Response {
        let scope = "checkins:\(context.visitor.sessionHash)"
        let key = try request.idempotencyKey(scope: scope, body: bytes)
        let listings = try await shop.door.listings(of: scans)
        return try await shop.database.write { connection in
            try Idempotency.once(key, at: shop.clock.now(), connection) {
                answer(try scans.map { try shop.door.admit($0, listings, connection) })
            }
        }.response
    }

    @Sendable private func manifest(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try context.require(.door, .admin)
        let listing = try await shop.catalog.listing(slug: try context.name("slug"))
        return .json(try await shop.door.manifest(of: listing))
    }
}
