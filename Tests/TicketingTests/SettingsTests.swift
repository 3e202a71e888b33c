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
        ("BMH_LISTENS", "127.0.0.1:1"), ("BMH_DATABASE", "/nowhere/shop.db"),
        ("BMH_DEMO_PASSWORD", "short"),
    ])
    func `A setting that cannot be meant is named`(name: String, value: String) throws {
        let reader = try Self.resolve([], [name: value]).reader
        #expect(reader.problems.count == 1, "\(reader.problems)")
        #expect(reader.problems.first?.hasPrefix(name) == true)
    }

    @Test(arguments: [
        "BMH_ORDER_PAY_SECONDS 900", "BMH_PAYMENTS_RECONCILE_SECONDS 120", "BMH_AUDIT_DAYS 730",
        "BMH_PAYMENT_EVENTS_DAYS 550", "BMH_DEAD_JOBS_DAYS 90", "BMH_PASSWORD_PARALLEL 2",
        "BMH_UNCONFIRMED_DAYS 7", "BMH_LIVE_MAX_STREAMS 10000",
        "BMH_HOLD_SECONDS as each event says",
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

    @Test(arguments: [
        (["--public-url", "https://tickets.example"], [:], 1),
        (["--public-url", "https://tickets.example/", "--roles", "worker"], [:], 1),
        (["--public-url", "https://127.example:443"], [:], 1),
        (["--public-url", "https://tickets.example"], ["BMH_PAYMENTS": "sandbox"], 0),
        (["--public-url", "https://tickets.example", "--demo"], [:], 0),
        (["--public-url", "https://localhost:8443"], [:], 0),
        (["--public-url", "https://127.0.0.1:8443"], [:], 0),
        (["--public-url", "https://[::1]:8443"], [:], 0),
        (["--public-url", "http://tickets.example"], [:], 0), ([], [:], 0),
    ])
    func `Where strangers buy somebody has to say who takes the money`(
        arguments: [String],
        environment: [String: String],
        problemCount: Int
    ) throws {
        let reader = try Self.resolve(arguments, environment).reader
        #expect(reader.problems.count == problemCount, "\(reader.problems)")
        let words = ["BMH_PAYMENTS:", "BMH_PAYMENTS=stripe", "BMH_PAYMENTS=sandbox"]
        #expect(reader.problems.allSatisfy { problem in words.allSatisfy(problem.contains) })
    }

    @Test(arguments: [
        (["BMH_PAYMENTS": "sandbox"], ["sandbox", "BMH_MAIL_FROM", "are not sent"]),
        (["BMH_PAYMENTS": "sandbox", "BMH_ROLES": "web,checkout"], ["sandbox"]),
        (
            [
                "BMH_STRIPE_KEY": "sk_hidden", "BMH_STRIPE_WEBHOOK_KEY": "whsec_hidden",
                "BMH_PAYMENTS": "stripe", "BMH_SMTP_URL": "smtp://relay:587",
                "BMH_MAIL_FROM": "tickets@tickets.example",
            ], []
        ), (["BMH_PAYMENTS": "sandbox", "BMH_DEMO": "yes"], []),
        (["BMH_PAYMENTS": "sandbox", "BMH_PUBLIC_URL": "https://localhost"], []),
    ])
    func `A sale to strangers warns of money that is not taken and mails that are not sent`(
        environment: [String: String],
        warnings: [String]
    ) throws {
        let (resolved, reader) = try Self.resolve(
            [],
            ["BMH_PUBLIC_URL": "https://tickets.example"].merging(environment) { $1 }
        )
        #expect(reader.problems.isEmpty)
        #expect(reader.warnings.count == warnings.count)
        for (found, words) in zip(reader.warnings, warnings) { #expect(found.contains(words)) }
        #expect(!reader.entries.contains { $0.value.contains("hidden") })
        if case .stripe(let account) = resolved.shop.payments {
            #expect([account.secretKey, account.webhookKey] == ["sk_hidden", "whsec_hidden"])
        } else {
            #expect(environment["BMH_PAYMENTS"] == "sandbox")
        }
    }
}
