import HTTPTypes
import Hummingbird

/// Accounts and sessions.
struct AccountRoutes: Sendable {
    private struct RegisterBody: Decodable {
        let email: String
        let name: String
        let password: String
    }

    private struct LoginBody: Decodable {
        let email: String
        let password: String
    }

    private struct AccountDocument: Encodable {
        let id: String
        let email: String
        let name: String
        let role: String
    }

    private struct Accepted: Encodable {
        let status = "accepted"
    }

    let shop: Shop

    func add(to group: RouterGroup<ShopContext>) {
        group.post("users", use: register)
        group.post("sessions", use: login)
        group.delete("sessions/current", use: logout)
        group.delete("me/sessions", use: logoutEverywhere)
        group.get("me", use: me)
    }

    @Sendable private func register(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let body = try JSON.decode(RegisterBody.self, from: try await request.jsonBytes())
        try await Credentials(shop: shop).register(
            email: body.email,
            name: body.name,
            password: body.password
        )
        return .json(status: 202, Accepted())
    }

    @Sendable private func login(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let body = try JSON.decode(LoginBody.self, from: try await request.jsonBytes())
        let (account, cookie) = try await Credentials(shop: shop).login(
            email: body.email,
            password: body.password,
            replacing: ShopCookie.session.value(in: request)
        )
        var response = Response.json(status: 201, document(account))
        response.headers[values: .setCookie].append(cookie)
        return response
    }

    @Sendable private func logout(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        if let identity = context.visitor.identity {
            try await shop.sessions.end(identity.sessionId)
        }
        return signedOut()
    }

    @Sendable private func logoutEverywhere(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try await shop.sessions.endAll(user: try context.requireIdentity().userId)
        return signedOut()
    }

    private func signedOut() -> Response {
        var response = Response(
            status: .noContent,
            headers: [.cacheControl: CachePolicy.personal.rawValue]
        )
        response.headers[values: .setCookie].append(ShopCookie.session.clearingHeader)
        return response
    }

    @Sendable private func me(_ request: Request, _ context: ShopContext) async throws -> Response {
        let identity = try context.requireIdentity()
        guard let account = try await shop.accounts.account(id: identity.userId) else {
            throw Problem.loginRequired
        }
        return .json(document(account))
    }

    private func document(_ account: Account) -> AccountDocument {
        AccountDocument(
            id: String(account.id),
            email: account.email,
            name: account.name,
            role: account.role.name
        )
    }
}

/// What the API and the storefront share about signing in.
struct Credentials: Sendable {
    let shop: Shop

    /// Makes an account if the address has none. Both cases look alike.
    func register(email: String, name: String, password: String) async throws {
        guard let address = EmailAddress(email) else {
            throw Problem.invalidBody("email is not an address")
        }
        guard (1...120).contains(name.utf8.count), !name.contains(where: \.isNewline) else {
            throw Problem.invalidBody("name has 1 to 120 characters")
        }
        guard Accounts.passwordBytes.contains(password.utf8.count) else {
            throw Problem.invalidBody("password has 10 to 200 characters")
        }
        try await shop.accounts.register(address, name: name, password: password)
    }

    /// Begins a session and returns the header of its cookie. Throws `invalid-credentials`.
    func login(
        email: String,
        password: String,
        replacing previous: String?
    ) async throws -> (account: Account, cookie: String) {
        guard let address = EmailAddress(email),
            password.utf8.count <= Accounts.passwordBytes.upperBound
        else {
            throw Problem.invalidCredentials
        }
        let account = try await shop.accounts.authenticate(address, password: password)
        let token = try await shop.sessions.begin(
            user: account.id,
            replacing: previous.map(Token.hash)
        )
        shop.metrics.count("bookme_logins_total")
        let seconds = SessionStore.absoluteLimit / Span.second
        return (account, ShopCookie.session.header(token, seconds: seconds))
    }
}
