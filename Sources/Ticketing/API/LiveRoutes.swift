import HTTPTypes
import Hummingbird
import ServiceLifecycle

/// The live seat map as a stream of server-sent events.
struct LiveRoutes: Sendable {
    let shop: Shop

    func add(to group: RouterGroup<ShopContext>) {
        group.get("events/:slug/live", use: live)
    }

    @Sendable private func live(_ request: Request, _ context: ShopContext) async throws -> Response {
        let listing = try await shop.catalog.listing(slug: try context.name("slug"))
        var section: Int?
        if let code = request.uri.queryParameters["section"] {
            section = listing.map.section(code: String(code))?.number
            if section == nil { throw Problem.notFound }
        }
        let (viewer, messages) = try await shop.live.subscribe(to: listing, section: section)
        let event = listing.event.id
        var headers: HTTPFields = [
            .contentType: "text/event-stream", .cacheControl: "no-store",
        ]
        if let name = HTTPField.Name("X-Accel-Buffering") { headers[name] = "no" }
        let body = ResponseBody { [live = shop.live] writer in
            defer { live.unsubscribe(viewer, from: event) }
            // A server that stops says so, so that viewers come back to another one at once. By a handler: a sequence
            // that ends with the server costs three tasks a viewer.
            try await withGracefulShutdownHandler {
                for await message in messages { try await writer.write(message) }
            } onGracefulShutdown: {
                live.finish(viewer, from: event)
            }
            try await writer.write(ByteBuffer(string: LiveMessage.event("drain", "{}")))
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }
}
