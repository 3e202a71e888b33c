import HTTP
import Transport

/// Answers the routes that need no upstream.
struct LocalStage {
    /// The route's own answer; nil if the route proxies, unless an OPTIONS may go no further than here.
    func answer(_ exchange: Exchange, _ route: Route) -> Response? {
        switch route.action {
        case .proxy:
            return exchange.head.forwardsLeft == 0
                ? Response(status: 204, source: .content(.empty)) : nil
        case .deny(let status):
            return Page.answer(
                status: status,
                reason: "route",
                text: "This address is not for visitors.",
                for: exchange
            )
        case .answer(let content, let status):
            return Response(status: status, source: .content(content))
        case .redirect(let target, let status):
            var response = Response(status: status, source: .content(.empty))
            response.fields.append(("location", target))
            return response
        case .files(let root):
            guard exchange.head.method == .get || exchange.head.method == .head else {
                return Page.answer(
                    status: 405,
                    reason: "route",
                    text: "Only GET and HEAD are understood here.",
                    for: exchange
                )
            }
            return root.answer(exchange)
                ?? Page.answer(
                    status: 404,
                    reason: "no-file",
                    text: "There is nothing at this address.",
                    for: exchange
                )
        }
    }

    /// Where a plain-text listener sends its visitors: the same address by TLS.
    static func redirectToTLS(_ exchange: Exchange, port: UInt16) -> Response {
        let target = exchange.head.target
        let query = target.query.map { "?" + $0.string } ?? ""
        let suffix = port == 443 ? "" : ":\(port)"
        var response = Response(status: 308, source: .content(.empty))
        response.fields.append(
            (
                "location",
                "https://\(exchange.head.host.string)\(suffix)\(target.path.string)\(query)"
            )
        )
        return response
    }
}
