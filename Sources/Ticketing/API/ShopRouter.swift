import Hummingbird

/// The public router: middleware from the outside in, then every route.
struct ShopRouter: Sendable {
    let shop: Shop
    let pages: Pages

    func router() -> Router<ShopContext> {
        let router = Router(context: ShopContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: OutcomeMiddleware(metrics: shop.metrics, pages: pages))
        router.add(middleware: SameSiteMiddleware(publicOrigin: shop.settings.publicOrigin))
        router.add(
            middleware: VisitorMiddleware(
                sessions: shop.sessions,
                assertion: shop.settings.gatewayKey.map { Assertion(key: $0) },
                clock: shop.clock
            )
        )
        router.get("readyz") { _, _ in try await InternalRoutes(shop: shop).ready() }
        let api = router.group("api/v1")
        AccountRoutes(shop: shop).add(to: api)
        EventRoutes(shop: shop).add(to: api)
        HoldRoutes(shop: shop).add(to: api)
        OrderRoutes(shop: shop).add(to: api)
        WebhookRoutes(shop: shop).add(to: api)
        AdminRoutes(shop: shop).add(to: api)
        StorefrontRoutes(shop: shop, pages: pages).add(to: router)
        AccountPages(shop: shop, pages: pages).add(to: router)
        CheckoutPages(shop: shop, pages: pages).add(to: router)
        SandboxPages(till: shop.till, pages: pages).add(to: router)
        pages.assets.add(to: router)
        return router
    }
}
