import Hummingbird

/// Answers requests for streams on tasks of their own.
///
/// What a task once needed of stack it keeps until it ends, and a connection's task ends with its stream: of the way
/// down through all middleware to the route and the database each viewer would keep some 15 KiB.
struct StreamResponder<Inner: HTTPResponder>: HTTPResponder where Inner.Context == ShopContext {
    let inner: Inner

    /// Whether a path is that of a stream. The router passes over a slash at its end.
    static func isForStream(_ path: String) -> Bool {
        path.hasSuffix("/live") || path.hasSuffix("/live/")
    }

    func respond(to request: Request, context: ShopContext) async throws -> Response {
        guard Self.isForStream(request.uri.path) else {
            return try await inner.respond(to: request, context: context)
        }
        let answering = Task { try await inner.respond(to: request, context: context) }
        return try await withTaskCancellationHandler {
            try await answering.value
        } onCancel: {
            answering.cancel()
        }
    }
}
