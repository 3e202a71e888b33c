import HTTP
import Rules

/// One route of the configuration, compiled: patterns as bytes, references resolved.
final class Route: Sendable {
    /// What happens to a request that the route takes.
    enum Action: Sendable {
        case proxy(Upstream)
        case deny(Int)
        case redirect(to: String, status: Int)
        case answer(Content, status: Int)
        case files(FileRoot)
    }

    let action: Action
    /// What logs and metrics call the route: the first path pattern, or `/*`.
    let label: String
    let limits: [LimitPolicy]
    let session: Configuration.SessionRequirement
    /// The waiting room's index in the snapshot.
    let room: Int?
    /// The rules' mode here; nil leaves it to the rules.
    let rulesMode: EngineMode?
    /// The paranoia level here; nil leaves it to the rules.
    let paranoia: Int?
    let inspectsBody: Bool
    let usesCache: Bool

    private let hosts: [HostMatcher]
    private let paths: [PathMatcher]
    private let methods: [[UInt8]]

    init(_ configuration: Configuration.Route, in context: RouteContext) {
        action = context.action(configuration.action)
        label = configuration.paths.first?.text ?? "/*"
        limits = configuration.limits.compactMap { context.limits[$0] }
        session = configuration.session
        room = configuration.room.flatMap { context.rooms[$0] }
        rulesMode = configuration.rules.map(EngineMode.init) ?? context.rulesMode
        paranoia = configuration.paranoia ?? context.paranoia
        inspectsBody = configuration.rulesRequestBody ?? context.inspectsBody
        usesCache = configuration.cache && context.usesCache
        hosts = configuration.hosts.map(HostMatcher.init)
        paths = configuration.paths.map(PathMatcher.init)
        methods = configuration.methods.map { Array($0.utf8) }
    }

    /// Whether the route takes this request.
    func matches(_ head: RequestHead, path: ByteView) -> Bool {
        (paths.isEmpty || paths.contains { $0.matches(path) })
            && (hosts.isEmpty || hosts.contains { $0.matches(head.host) })
            && (methods.isEmpty || allows(head))
    }

    /// GET includes HEAD.
    private func allows(_ head: RequestHead) -> Bool {
        let name = head.method == .head ? ByteView("GET") : head.methodName
        return methods.contains { name.equals($0) }
            || head.method == .head && methods.contains { ByteView("HEAD").equals($0) }
    }
}

/// What routes refer to by name, while they are compiled.
struct RouteContext {
    var upstreams: [String: Upstream] = [:]
    var limits: [String: LimitPolicy] = [:]
    var rooms: [String: Int] = [:]
    var rulesMode: EngineMode?
    var paranoia: Int?
    var inspectsBody = true
    var usesCache = true

    /// Configuration has been validated, so that a missing upstream cannot occur; it would answer 502.
    func action(_ action: Configuration.RouteAction) -> Route.Action {
        switch action {
        case .proxy(let name): upstreams[name].map(Route.Action.proxy) ?? .deny(502)
        case .deny(let status): .deny(status)
        case .redirect(let redirect): .redirect(to: redirect.to, status: redirect.status)
        case .answer(let answer):
            .answer(
                Content(contentType: answer.contentType, body: Array(answer.body.utf8)),
                status: answer.status
            )
        case .files(let files): .files(FileRoot(files))
        }
    }
}

extension EngineMode {
    init(_ mode: Configuration.RulesMode) {
        self =
            switch mode {
            case .block: .on
            case .detect: .detectionOnly
            case .off: .off
            }
    }
}
