import HTTPTypes
import Hummingbird

/// Tells whoever asks a known path for what it does not do what it does (RFC 9110, section 15.5.6).
///
/// Middleware reaches only what is added after it. Added last it meets no route, only requests that found none.
struct OtherMethods: RouterMiddleware {
    typealias Context = ShopContext

    /// All paths once more, each with a refusal in the place of GET.
    private let paths: RouterResponder<ShopContext>

    /// `routes` are those of the router that this is added to.
    init(than routes: [Router<ShopContext>.RouteDescription]) {
        let router = Router(context: ShopContext.self)
        for known in Dictionary(grouping: routes, by: \.path.description).values {
            let refusal = Problem.methodNotAllowed(Self.allow(known.map(\.method)))
            router.get(known[0].path) { _, _ -> Response in throw refusal }
        }
        paths = router.buildResponder()
    }

    /// The methods as the header names them; whatever can be got has a head, too.
    private static func allow(_ methods: [HTTPRequest.Method]) -> String {
        let isGettable = methods.contains(.get) && !methods.contains(.head)
        return (methods + (isGettable ? [.head] : [])).map(\.rawValue).sorted()
            .joined(separator: ", ")
    }

    func handle(
        _ request: Request,
        context: ShopContext,
        next: @concurrent (Request, ShopContext) async throws -> Response
    ) async throws -> Response {
        if request.method != .head {
            var head = request.head
            head.method = .get
            let question = Request(head: head, body: RequestBody(buffer: ByteBuffer()))
            do {
                // Throws a refusal for a path that is known.
                _ = try await paths.respond(to: question, context: context)
            } catch let error as HTTPError where error.status == .notFound {}
        }
        return try await next(request, context)
    }
}
