import HTTPTypes
import Hummingbird

/// Where the links in our mails lead. A link only shows a form: programs that look at links in mails use nothing up.
struct MailedLinkPages: Sendable {
    let shop: Shop
    let pages: Pages

    func add(to router: Router<ShopContext>) {
        router.get("forgot") { _, context in page("forgot", [:], context) }
        router.post("forgot", use: requestReset)
        router.get("reset") { request, context in
            page("reset", ["token": token(request)], context)
        }
        router.post("reset", use: reset)
        router.get("verify") { request, context in
            page("verify", ["token": token(request)], context)
        }
        router.post("verify", use: verify)
    }

    private func token(_ request: Request) -> String {
        request.uri.queryParameters["token"].map(String.init) ?? ""
    }

    private func page(
        _ name: String,
        _ values: [String: Any],
        _ context: ShopContext,
        status: Int = 200
    ) -> Response {
        .page(pages.render(name, values, visitor: context.visitor), status: status)
    }

    @Sendable private func requestReset(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let typed = try await request.form()["email"]
        guard let email = EmailAddress(typed) else {
            let problem = Problem.invalidBody("email is not an address", field: "email")
            let values = FieldFault.values(problem).merging(["email": typed]) { $1 }
            return page("forgot", values, context, status: problem.status)
        }
        try await shop.accounts.requestReset(email)
        let notice = "If there is an account with this address, a mail is on its way."
        return page("forgot", ["notice": notice], context, status: 202)
    }

    @Sendable private func reset(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        let form = try await request.form()
        do {
            try await Credentials(shop: shop).reset(
                token: form["token"],
                password: form["password"]
            )
            let notice = "The password is set: sign in."
            return page("login", ["notice": notice], context)
        } catch let problem as Problem where problem.status < 500 {
            let values = FieldFault.values(problem).merging(["token": form["token"]]) { $1 }
            return page("reset", values, context, status: problem.status)
        }
    }

    @Sendable private func verify(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        do {
            try await shop.accounts.verify(try await request.form()["token"])
            return page("login", ["notice": "Thank you, the address is confirmed."], context)
        } catch let problem as Problem where problem == .tokenInvalid {
            return page("verify", ["notice": problem.title], context, status: problem.status)
        }
    }
}
