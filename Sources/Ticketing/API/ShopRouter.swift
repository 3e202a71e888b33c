import Hummingbird

/// The public router: middleware from the outside in, then every route.
struct ShopRouter: Sendable {
    let shop: Shop
    let pages: Pages

    func router() -> Router<ShopContext> {
        let router = Router(context: ShopContext.self, options: .autoGenerateHeadEndpoints)
        router.add(
            middleware: OutcomeMiddleware(
                metrics: shop.metrics,
                pages: pages,
                formTargets: shop.payments.provider.pages,
                spans: shop.exporter?.spans
            )
        )
        router.add(middleware: SameSiteMiddleware(publicOrigin: shop.settings.publicOrigin))
        router.add(
            middleware: VisitorMiddleware(
                sessions: shop.sessions,
                assertion: shop.settings.gatewayKey.map { Assertion(key: $0) },
                clock: shop.databaseClock.own
            )
        )
        router.get("readyz") { _, _ in try await InternalRoutes(shop: shop).ready() }
        addAPI(to: router.group("api/v1"))
        if roles.contains(.web) { addPages(to: router) }
        router.add(middleware: OtherMethods(than: router.routes))
        return router
    }

    private var roles: Set<ServiceRole> { shop.settings.roles }

    private func addAPI(to api: RouterGroup<ShopContext>) {
        if roles.contains(.users) { AccountRoutes(shop: shop).add(to: api) }
        if roles.contains(.seats) {
            EventRoutes(shop: shop).add(to: api)
            HoldRoutes(shop: shop).add(to: api)
            LiveRoutes(shop: shop).add(to: api)
        }
        // One path, two roles: which process gets a request is for the gateway to say.
        if !roles.isDisjoint(with: [.checkout, .orders]) { OrderRoutes(shop: shop).add(to: api) }
        if roles.contains(.checkout) { WebhookRoutes(shop: shop).add(to: api) }
        if roles.contains(.orders) {
            TicketRoutes(shop: shop).add(to: api)
            DoorRoutes(shop: shop).add(to: api)
            AdminRoutes(shop: shop).add(to: api)
            AdminEventRoutes(shop: shop).add(to: api)
        }
    }

    private func addPages(to router: Router<ShopContext>) {
        StorefrontRoutes(shop: shop, pages: pages).add(to: router)
        AccountPages(shop: shop, pages: pages).add(to: router)
        CheckoutPages(shop: shop, pages: pages).add(to: router)
        MailedLinkPages(shop: shop, pages: pages).add(to: router)
        AdminPages(shop: shop, pages: pages).add(to: router)
        if case .sandbox = shop.settings.payments {
            SandboxPages(till: shop.till, pages: pages).add(to: router)
        }
        pages.assets.add(to: router)
    }
}
