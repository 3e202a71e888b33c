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

    private struct TokenBody: Decodable {
        let token: String
    }

    private struct AddressBody: Decodable {
        let email: String
    }

    private struct PasswordBody: Decodable {
        let password: String
    }

    private struct SessionDocument: Encodable {
        let id: String
        let createdAt: String
        let seenAt: String
        let expiresAt: String
        let current: Bool
    }

    private struct Accepted: Encodable {
        let status = "accepted"
    }

    private struct Done: Encodable {
        let status = "done"
    }

    let shop: Shop

    func add(to group: RouterGroup<ShopContext>) {
        group.post("users", use: register)
        group.post("users/verify", use: verify)
        group.post("password-resets", use: requestReset)
        group.post("password-resets/:token", use: reset)
        group.get("me/sessions", use: sessions)
        group.post("sessions", use: login)
        group.delete("sessions/current", use: logout)
        group.delete("me/sessions", use: logoutEverywhere)
        group.get("me", use: me)
    }

    @Sendable private func register(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let body = try JSON.decode(RegisterBody.self, from: try await request.jsonBytes())
        let fingerprint = Array("\(body.email)\n\(body.name)".utf8)
        return try await shop.once(
            request,
            context.visitor,
            Likeness(body: fingerprint, password: body.password)
        ) {
            try await Credentials(shop: shop).register(
                email: body.email,
                name: body.name,
                password: body.password
            )
            return Answer(status: 202, Accepted())
        }
    }

    @Sendable private func verify(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let body = try JSON.decode(TokenBody.self, from: try await request.jsonBytes())
        try await shop.accounts.verify(body.token)
        return .json(Done())
    }

    @Sendable private func requestReset(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let bytes = try await request.jsonBytes()
        let body = try JSON.decode(AddressBody.self, from: bytes)
        guard let email = EmailAddress(body.email) else {
            throw Problem.invalidBody("email is not an address", field: "email")
        }
        return try await shop.once(request, context.visitor, Likeness(body: bytes)) {
            try await shop.accounts.requestReset(email)
            return Answer(status: 202, Accepted())
        }
    }

    @Sendable private func reset(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let token = try context.name("token")
        let body = try JSON.decode(PasswordBody.self, from: try await request.jsonBytes())
        return try await shop.once(
            request,
            context.visitor,
            Likeness(password: body.password, owner: token)
        ) {
            try await Credentials(shop: shop).reset(token: token, password: body.password)
            return Answer(status: 200, Done())
        }
    }

    @Sendable private func sessions(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let identity = try context.requireIdentity()
        let sessions = try await shop.sessions.sessions(of: identity.userId)
        return .json(
            sessions.map { session in
                SessionDocument(
                    id: String(session.id.prefix(16)),
                    createdAt: session.createdAt.timestamp,
                    seenAt: session.seenAt.timestamp,
                    expiresAt: session.expiresAt.timestamp,
                    current: session.id == identity.sessionId
                )
            }
        )
    }

    @Sendable private func login(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let body = try JSON.decode(LoginBody.self, from: try await request.jsonBytes())
        let (account, role, cookies) = try await Credentials(shop: shop).login(
            email: body.email,
            password: body.password,
            with: SessionStore.Luggage(of: request)
        )
        var response = Response.json(status: 201, document(account, role))
        response.headers[values: .setCookie] += cookies
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
        response.headers[values: .setCookie] += ShopCookie.clearingHeaders
        return response
    }

    @Sendable private func me(_ request: Request, _ context: ShopContext) async throws -> Response {
        let identity = try context.requireIdentity()
        guard let account = try await shop.accounts.account(id: identity.userId) else {
            throw Problem.loginRequired
        }
        return .json(document(account, account.role))
    }

    private func document(_ account: Account, _ role: Role) -> AccountDocument {
        AccountDocument(
            id: String(account.id),
            email: account.email,
            name: account.name,
            role: role.name
        )
    }
}

/// What the API and the storefront share about signing in.
struct Credentials: Sendable {
    let shop: Shop

    /// Makes an account if the address has none. Both cases look alike.
    func register(email: String, name: String, password: String) async throws {
        guard let address = EmailAddress(email) else {
            throw Problem.invalidBody("email is not an address", field: "email")
        }
        guard name.isName else {
            throw Problem.invalidBody("name has 1 to 120 characters", field: "name")
        }
        guard name.isPrintable else { throw Problem.invalidText("name") }
        guard Accounts.passwordBytes.contains(password.utf8.count) else {
            throw Problem.invalidBody("password has 10 to 200 characters", field: "password")
        }
        try await shop.accounts.register(
            Applicant(email: address, name: name, password: password)
        )
    }

    /// Sets the password of the account that a mailed token belongs to.
    func reset(token: String, password: String) async throws {
        guard Accounts.passwordBytes.contains(password.utf8.count) else {
            throw Problem.invalidBody("password has 10 to 200 characters", field: "password")
        }
        try await shop.accounts.reset(token, password: password)
    }

    /// Begins a session, to which the cart goes over, and returns the headers of cookies that say so. Throws
    /// `invalid-credentials`.
    func login(
        email: String,
        password: String,
        with luggage: SessionStore.Luggage = SessionStore.Luggage()
    ) async throws -> (account: Account, role: Role, cookies: [String]) {
        guard let address = EmailAddress(email),
            password.utf8.count <= Accounts.passwordBytes.upperBound
        else {
            throw Problem.invalidCredentials
        }
        let account = try await shop.accounts.authenticate(address, password: password)
        let (token, session) = try await shop.sessions.begin(account, with: luggage)
        shop.metrics.count("bookme_logins_total")
        let seconds = SessionStore.absoluteLimit / Span.second
        let cookie = ShopCookie.session.header(token, seconds: seconds)
        return (
            account, session.identity.role,
            luggage.cart == nil ? [cookie] : [cookie, ShopCookie.cart.clearingHeader]
        )
    }
}
