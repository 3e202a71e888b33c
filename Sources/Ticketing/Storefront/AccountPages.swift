import HTTPTypes
import Hummingbird

/// Sign-in and registration for people.
struct AccountPages: Sendable {
    let shop: Shop
    let pages: Pages

    func add(to router: Router<ShopContext>) {
        router.get("login") { request, context in
            let next = request.uri.queryParameters["next"].map(String.init) ?? ""
            let values = ["next": OrderIntake.isOwnPath(next) ? next : ""]
            return Response.page(pages.render("login", values, visitor: context.visitor))
        }
        router.get("register") { _, context in
            Response.page(pages.render("register", [:], visitor: context.visitor))
        }
        router.post("login", use: login)
        router.post("register", use: register)
        router.post("logout", use: logout)
    }

    @Sendable private func login(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let form = try await request.form()
        do {
            let cookies = try await Credentials(shop: shop).login(
                email: form["email"],
                password: form["password"],
                with: SessionStore.Luggage(of: request)
            ).cookies
            let next = form["next"]
            var response = Response.seeOther(OrderIntake.isOwnPath(next) ? next : "/orders")
            response.headers[values: .setCookie] += cookies
            return response
        } catch let problem as Problem where problem.status < 500 {
            return refusal("login", problem, ["email": form["email"], "next": form["next"]])
        }
    }

    @Sendable private func register(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let form = try await request.form()
        do {
            try await Credentials(shop: shop).register(
                email: form["email"],
                name: form["name"],
                password: form["password"]
            )
            let notice = "If the address was new, the account is ready: sign in."
            return .page(
                pages.render("login", ["notice": notice, "email": form["email"]]),
                status: 202
            )
        } catch let problem as Problem where problem.status < 500 {
            return refusal("register", problem, ["email": form["email"], "name": form["name"]])
        }
    }

    /// The form again, with what was typed except the password.
    private func refusal(_ page: String, _ problem: Problem, _ typed: [String: Any]) -> Response {
        let values = typed.merging(FieldFault.values(problem)) { $1 }
        var response = Response.page(pages.render(page, values), status: problem.status)
        for field in problem.headers { response.headers.append(field) }
        return response
    }

    @Sendable private func logout(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        if let identity = context.visitor.identity {
            try await shop.sessions.end(identity.sessionId)
        }
        var response = Response.seeOther("/")
        response.headers[values: .setCookie] += ShopCookie.clearingHeaders
        return response
    }
}
