extension Configuration {
    /// Which requests, and what happens to them. The first route that matches decides.
    struct Route: Sendable, Equatable {
        /// Hosts, `*.example.com` included. Default none, which means every host.
        var hosts: [HostPattern] = []
        /// Paths: `/exact` or `/prefix/*`. Default none, which means every path.
        var paths: [PathPattern] = []
        /// Methods, in capitals; GET includes HEAD. Default none, which means every method.
        var methods: [String] = []
        /// Exactly one of `proxy`, `deny`, `redirect`, `answer`, `files`.
        var action: RouteAction
        /// Names of the rate limits that apply. Default none.
        var limits: [String] = []
        /// Who may come: `none` (everybody; who is signed in is still made known to the upstream), `user` (signed in)
        /// or `role:NAME`. Default none.
        var session = SessionRequirement.none
        /// Waiting room that guards the route. Default null.
        var room: String?
        /// `block`, `detect` or `off` for this route alone. Default null: as `rules.mode` says.
        var rules: RulesMode?
        /// The paranoia level, 1 to 4, for this route alone. Default null: as `rules.paranoia` says.
        var paranoia: Int?
        /// Whether the rules inspect request bodies here. Default null: as `rules.request_body` says.
        var rulesRequestBody: Bool?
        /// Whether responses may be stored and served from the cache. Default false.
        var cache = false
    }

    /// What happens to a request that a route takes.
    enum RouteAction: Sendable, Equatable {
        /// Forward to the upstream of this name.
        case proxy(String)
        /// Refuse with this status.
        case deny(Int)
        case redirect(Redirect)
        case answer(Answer)
        case files(Files)
    }

    /// Send the client elsewhere.
    struct Redirect: Sendable, Equatable {
        /// Target: an absolute URL, or a path on the same host. Required.
        var to: String
        /// 301, 302, 303, 307 or 308. Default 302.
        var status = 302
    }

    /// A fixed answer by the gateway itself.
    struct Answer: Sendable, Equatable {
        /// Status, 200 to 599. Default 200.
        var status = 200
        /// Content-Type of the body. Default text/plain; charset=utf-8.
        var contentType = "text/plain; charset=utf-8"
        /// The body. Default empty; at most 64KiB.
        var body = ""
    }

    /// Files of a directory, read by the gateway itself.
    struct Files: Sendable, Equatable {
        /// Directory; nothing outside is ever served. Required.
        var root: String
        /// File that stands for a directory. Default index.html.
        var index = "index.html"
        /// How long clients may keep a file. Default 1h; 0s to 365d.
        var maxAge = Duration.seconds(3600)
    }

    /// Who may use a route.
    enum SessionRequirement: Sendable, Equatable {
        case none
        case user
        case role(String)
    }
}
