import Hummingbird

/// What a request carries through the router.
struct ShopContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Who asks, set by `VisitorMiddleware`.
    var visitor = Visitor.anonymous

    init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
    }

    /// The signed-in account; throws `login-required`.
    func requireIdentity() throws(Problem) -> Identity {
        guard let identity = visitor.identity else { throw .loginRequired }
        return identity
    }

    /// Throws `login-required` or `forbidden` unless the account has one of the roles.
    func require(_ roles: Role...) throws(Problem) {
        guard roles.contains(try requireIdentity().role) else { throw .forbidden }
    }

    /// A part of the path as a number; throws `not-found`.
    func identifier(_ name: String) throws(Problem) -> Int64 {
        guard let text = parameters.get(name), let number = Int64(text), number >= 0 else {
            throw .notFound
        }
        return number
    }

    /// A part of the path; throws `not-found`.
    func name(_ name: String) throws(Problem) -> String {
        guard let text = parameters.get(name), text.utf8.count <= 100 else { throw .notFound }
        return text
    }
}
