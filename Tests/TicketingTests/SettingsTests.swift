import ArgumentParser
import Support
import Testing

@testable import Ticketing

struct SettingsTests {
    private static func resolve(
        _ arguments: [String],
        _ environment: [String: String]
    ) throws -> (resolved: ServeOptions.Resolved, reader: SettingsReader) {
        var reader = SettingsReader(environment: environment)
        let resolved = try ServeOptions.parse(arguments).resolve(&reader)
        reader.noteStrangers(but: ServeOptions.others)
        return (resolved, reader)
    }

    @Test func `Options win over variables and variables over defaults, and secrets are not shown`()
        throws
    {
        let (resolved, reader) = try Self.resolve(
            ["--listen", "127.0.0.1:7000"],
            [
                "BMH_LISTEN": "127.0.0.1:6000", "BMH_INTERNAL_LISTEN": "127.0.0.1:6100",
                "BMH_DATABASE_URL": "mysql://shop:hidden@db/shop", "BMH_HOLD_SECONDS": "60",
            ]
        )
        #expect(reader.problems.isEmpty)
        #expect(resolved.publicAddress.port == 7000)
        #expect(resolved.internalAddress.port == 6100)
        #expect(resolved.shop.holdSeconds == 60)
        #expect(resolved.shop.publicOrigin == "http://127.0.0.1:7000")
        let shown = reader.entries.map { "\($0.name) \($0.value) \($0.source)" }
        #expect(shown.contains("BMH_LISTEN 127.0.0.1:7000 option"))
        #expect(shown.contains("BMH_DATABASE mysql://shop:…@db/shop BMH_DATABASE_URL"))
        #expect(shown.contains("BMH_LOG_LEVEL info default"))
        #expect(!shown.contains { $0.contains("hidden") })
    }

    @Test(arguments: [
        ("BMH_LISTEN", "nowhere"), ("BMH_HOLD_SECONDS", "0"), ("BMH_ROLES", "kings"),
        ("BMH_PAYMENTS", "gold"), ("BMH_PAYMENTS", "stripe"), ("BMH_SMTP_URL", "http://x"),
        ("BMH_STRIPE_KEY_FILE", "/nowhere"), ("BMH_GATEWAY_KEY", "/nowhere"),
        ("BMH_LOG_LEVEL", "loud"), ("BMH_PUBLIC_URL", "tickets.example"), ("BMH_DEMO", "maybe"),
        ("BMH_LISTENS", "127.0.0.1:1"), ("BMH_DEMO_PASSWORD", "short"),
    ])
    func `A setting that cannot be meant is named`(name: String, value: String) throws {
        let reader = try Self.resolve([], [name: value]).reader
        #expect(reader.problems.count == 1, "\(reader.problems)")
        #expect(reader.problems.first?.hasPrefix(name) == true)
    }

    @Test(arguments: [
        "BMH_ORDER_PAY_SECONDS 900", "BMH_PAYMENTS_RECONCILE_SECONDS 120", "BMH_AUDIT_DAYS 730",
        "BMH_PAYMENT_EVENTS_DAYS 550", "BMH_DEAD_JOBS_DAYS 90", "BMH_PASSWORD_PARALLEL 2",
        "BMH_LIVE_MAX_STREAMS 10000", "BMH_HOLD_SECONDS as each event says",
    ])
    func `What nobody set is shown as what is in force`(shown: String) throws {
        let (resolved, reader) = try Self.resolve([], [:])
        #expect(
            reader.entries.contains { "\($0.name) \($0.value)" == shown && $0.source == "default" }
        )
        let (usual, found) = (Shop.Settings(), resolved.shop)
        #expect(found.paymentWindow == usual.paymentWindow && found.holdSeconds == nil)
        #expect(found.reconcileAfter == usual.reconcileAfter)
        #expect(found.retention.audit == usual.retention.audit)
    }

    @Test func `All mistakes are told at once`() throws {
        let reader = try Self.resolve(
            [],
            ["BMH_ROLES": "kings", "BMH_LOG_LEVEL": "loud", "BMH_PAYMENTS": "gold"]
        ).reader
        #expect(reader.problems.count == 3)
    }
}
