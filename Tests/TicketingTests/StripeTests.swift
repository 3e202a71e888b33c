import Logging
import Support
import Testing
import Transport

@testable import Ticketing

/// A shop whose money is taken by another company: the stand-in, with a server and a database of its own.
struct StripeTests {
    private static let key = "sk_test_shop"
    private static let webhookKey = "whsec_shop"

    private struct Scene {
        let fixture: ShopFixture
        let company: SandboxCompany
        /// The time at the company.
        let clock: ManualClock
        let client: SocketClient

        var provider: any PaymentProvider { fixture.shop.payments.provider }

        /// An order that was paid without a message of the company, found by asking it.
        func paidOrder(_ seats: [Int] = [0]) async throws -> Order {
            let order = try await fixture.order(try await fixture.hold(seats))
            let reference = try await fixture.startPayment(order)
            try await company.till.pay(reference, with: .silent)
            fixture.clock.advance(by: 2 * Span.minute)
            #expect(try await fixture.shop.payments.reconcile() == 1)
            return try await fixture.reload(order)
        }

        /// The company's name for an order's payment.
        func reference(of order: Order) async throws -> String? {
            try await fixture.shop.database.read {
                try $0.first("SELECT intent_ref FROM payments WHERE order_id = ?", [order.id]) {
                    try $0.text(0)
                }
            }
        }

        /// What the company sent back of an order's money.
        func sentBack(_ order: Order) async throws -> [Int64] {
            let reference = try #require(try await reference(of: order))
            return try await company.provider.database.read {
                try $0.rows("SELECT amount FROM sandbox_refunds WHERE ref = ?", [reference]) {
                    try $0.integer(0)
                }
            }
        }

        /// What the company says about a payment, signed now.
        func message(_ reference: String, _ outcome: ProviderOutcome, _ money: Money) throws -> (
            body: [UInt8], signature: String
        ) {
            let message = SandboxProvider.Message(
                id: "evt_\(outcome.rawValue)",
                type: outcome.rawValue,
                intent: reference,
                amount: money.amount,
                currency: money.currency
            )
            let body = JSON.encode(try #require(StripeStandIn.event(message)))
            let signature = WebhookSignature(key: HMACKey(Array(StripeTests.webhookKey.utf8)))
            return (body, signature.header(for: body, at: fixture.clock.now))
        }
    }

    private static func run(
        key: String = Self.key,
        method: String = "ideal",
        _ body: (Scene) async throws -> Void
    )
        async throws
    {
        let folder = try TemporaryFolder()
        let port = Int(try Loopback.freePort())
        let database = try Database(path: folder.file("company.db"))
        let clock = ManualClock()
        let company = try SandboxCompany(
            database: database,
            clock: clock.wallClock,
            webhook: "http://127.0.0.1:1/",
            key: Self.key,
            webhookKey: Self.webhookKey
        )
        let (started, announced) = AsyncStream<Int>.makeStream()
        let task = Task {
            try await company.run(
                at: ListenAddress(host: "127.0.0.1", port: port),
                logger: Logger(label: "company")
            ) { announced.yield($0) }
        }
        for await _ in started { break }
        var settings = ShopFixture.settings
        var account = StripeProvider.Account(secretKey: key, webhookKey: Self.webhookKey)
        account.url = "http://127.0.0.1:\(port)"
        account.method = method
        settings.payments = .stripe(account)
        let outcome: Result<Void, any Error>
        do {
            let fixture = try await ShopFixture(settings: settings)
            let client = SocketClient(port: port)
            outcome = .success(
                try await body(
                    Scene(fixture: fixture, company: company, clock: clock, client: client)
                )
            )
        } catch { outcome = .failure(error) }
        task.cancel()
        _ = await task.result
        try database.close()
        try outcome.get()
    }

    @Test
    func `A buyer is sent to the company's page, pays there, and its message brings the tickets`()
        async throws
    {
        try await Self.run { scene in
            let fixture = scene.fixture
            let order = try await fixture.order(try await fixture.hold([0, 1]))
            let reference = try await fixture.startPayment(order)
            #expect(try await fixture.startPayment(order) == reference)
            let page = try await scene.client.get("/sandbox-psp/pay/\(reference)")
            #expect(page.body.contains("95.00 €"))
            let paid = try await scene.client.post(
                "/sandbox-psp/pay/\(reference)",
                form: "card=accepted"
            )
            #expect(paid["location"] == "http://127.0.0.1:9000/")
            let money = Money(amount: 9500, currency: "EUR")
            let message = try scene.message(reference, .succeeded, money)
            for expected in [PaymentDesk.WebhookOutcome.applied, .duplicate] {
                let outcome = try await fixture.shop.payments.receive(
                    message.body,
                    signature: message.signature
                )
                #expect(outcome == expected)
            }
            #expect(try await fixture.reload(order).state == .paid)
        }
    }

    @Test func `What the company never said is found by asking, and money goes back through it`()
        async throws
    {
        try await Self.run { scene in
            let fixture = scene.fixture
            let order = try await scene.paidOrder()
            #expect(order.state == .paid)
            try await fixture.giveBack(of: order)
            #expect(try await fixture.shop.refundRunner.work() == 1)
            #expect(try await fixture.reload(order).state == .refunded)
        }
    }

    @Test func `Money of a payment that the company does not know waits for people`() async throws {
        try await Self.run { scene in
            let fixture = scene.fixture
            let order = try await scene.paidOrder()
            try await fixture.shop.database.write {
                try $0.run("UPDATE payments SET intent_ref = 'pi_of_another_account'")
            }
            try await fixture.giveBack(of: order)
            for _ in 1...2 {
                #expect(try await fixture.shop.refundRunner.work() == 0)
                let dead = try await fixture.shop.refundRunner.dead()
                #expect(dead.map(\.order) == [order.code])
                #expect(dead.first?.error == "resource missing")
                // Long after it is first looked for, and is still not known.
                fixture.clock.advance(by: 2 * Span.day)
                let id = try #require(dead.first.flatMap { Int64($0.id) })
                #expect(try await fixture.shop.refundRunner.retry(id))
            }
        }
    }

    @Test(arguments: [Span.hour, 25 * Span.hour, 40 * Span.day])
    func
        `Money whose way back was never confirmed is not sent a second time, however late one asks`(
            later: Milliseconds
        ) async throws
    {
        try await Self.run { scene in
            let fixture = scene.fixture
            let order = try await scene.paidOrder([0, 1])
            let ticket = try await fixture.shop.database.read {
                try OrderRows.tickets(of: order.id, $0).first
            }
            try await fixture.giveBack(.serials([try #require(ticket).serial]), of: order)
            let lossy = RefundRunner(
                database: fixture.shop.database,
                provider: AlteredProvider(
                    company: scene.provider,
                    afterRefund: { throw Problem.busy }
                ),
                mint: fixture.shop.mint,
                clock: fixture.clock.wallClock,
                metrics: fixture.shop.metrics
            )
            #expect(try await lossy.work() == 0)
            for clock in [fixture.clock, scene.clock] { clock.advance(by: later) }
            #expect(try await fixture.shop.refundRunner.work() == 1)
            #expect(try await fixture.reload(order).refunded == 4750)
            #expect(try await scene.sentBack(order) == [4750])
            // What is given back later is other money.
            try await fixture.giveBack(of: order, byBuyer: false)
            for clock in [fixture.clock, scene.clock] { clock.advance(by: later) }
            #expect(try await fixture.shop.refundRunner.work() == 1)
            #expect(try await scene.sentBack(order) == [4750, 4750])
        }
    }

    @Test func `The company forgets keys, so that asking it twice without looking would pay twice`()
        async throws
    {
        try await Self.run { scene in
            let order = try await scene.paidOrder([0, 1])
            let reference = try #require(try await scene.reference(of: order))
            let part = Money(amount: 1000, currency: "EUR")
            for (pause, count) in [(0, 1), (Span.day - 1, 1), (1, 2)] {
                scene.clock.advance(by: pause)
                _ = try await scene.provider.refund(reference, amount: part, idempotencyKey: "k")
                #expect(try await scene.sentBack(order).count == count)
            }
            #expect(try await scene.provider.findRefund(reference, idempotencyKey: "k") != nil)
            #expect(try await scene.provider.findRefund(reference, idempotencyKey: "l") == nil)
            #expect(try await scene.provider.findRefund("pi_nobody", idempotencyKey: "k") == nil)
        }
    }

    @Test(arguments: [
        ("succeeded", "refund-7", true), ("pending", "refund-7", true),
        ("requires_action", "refund-7", true), ("failed", "refund-7", false),
        ("canceled", "refund-7", false), ("succeeded", "refund-77", false),
    ])
    func `A refund stands if it is ours and did not fail`(
        status: String,
        key: String,
        stands: Bool
    ) throws {
        let text = """
            {"object":"list","has_more":false,"data":[
              {"id":"re_1","object":"refund","status":"\(status)","metadata":{"refund":"\(key)"}},
              {"id":"re_0","object":"refund","status":"succeeded","metadata":{}},
              {"id":"re_2","object":"refund","status":"succeeded"}]}
            """
        let list = try JSON.decode(StripeShape.RefundList.self, from: Array(text.utf8))
        #expect((list.standing(under: "refund-7") != nil) == stands)
    }

    @Test(arguments: [
        ("succeeded", ProviderRefund.Status.returned), ("pending", .onItsWay),
        ("requires_action", .onItsWay), ("failed", .failed), ("canceled", .failed),
    ])
    func `Money is back when the company says so, and not before`(
        status: String,
        inOurWords: ProviderRefund.Status
    ) throws {
        let text = #"{"id":"re_1","object":"refund","status":"\#(status)"}"#
        let refund = try JSON.decode(StripeShape.Refund.self, from: Array(text.utf8))
        #expect(refund.inOurWords.status == inOurWords)
    }

    @Test(arguments: [
        (#""status":"succeeded","metadata":{}"#, true), (#""status":"pending""#, true),
        (#""status":"requires_action","metadata":{"by":"hand"}"#, true),
        (#""status":"succeeded","metadata":{"refund":""}"#, true),
        (#""status":"failed","metadata":{}"#, false), (#""status":"canceled""#, false),
        (#""status":"succeeded","metadata":{"refund":"refund-8"}"#, false),
    ])
    func `A refund is nameless if it did not fail and does not say what for`(
        rest: String,
        isNameless: Bool
    ) throws {
        let text =
            #"{"object":"list","has_more":false,"data":[{"id":"re_1","object":"refund",\#(rest)}]}"#
        let list = try JSON.decode(StripeShape.RefundList.self, from: Array(text.utf8))
        #expect((list.nameless != nil) == isNameless)
    }

    /// As a program that noted no keys left it, or somebody at the company's desk.
    @Test func `Money that may have gone back namelessly is not sent again but waits for people`()
        async throws
    {
        try await Self.run { scene in
            let fixture = scene.fixture
            let order = try await scene.paidOrder()
            try await fixture.giveBack(of: order)
            let reference = try #require(try await scene.reference(of: order))
            _ = try await scene.company.provider.refund(
                reference,
                amount: Money(amount: 4750, currency: "EUR"),
                idempotencyKey: "forgotten"
            )
            for clock in [fixture.clock, scene.clock] { clock.advance(by: 25 * Span.hour) }
            let runner = fixture.shop.refundRunner
            #expect(try await runner.work() == 0)
            let dead = try #require(try await runner.dead().first)
            #expect(dead.order == order.code)
            #expect(dead.error?.contains("does not say what for") == true)
            #expect(try await scene.sentBack(order) == [4750])
            // Trying again is no way round it; saying that it went back is.
            let id = try #require(Int64(dead.id))
            #expect(try await runner.retry(id))
            #expect(try await runner.work() == 0)
            #expect(try await runner.settle(id))
            #expect(try await scene.sentBack(order) == [4750])
            #expect(try await fixture.reload(order).state == .refunded)
        }
    }

    @Test func `A payment that the company declines at once is over, and another may be tried`()
        async throws
    {
        try await Self.run(method: StripeStandIn.decliningMethod) { scene in
            let fixture = scene.fixture
            let order = try await fixture.order(try await fixture.hold([0]))
            for attempt in 1...2 {
                await #expect(throws: Problem.paymentDeclined) {
                    try await fixture.startPayment(order)
                }
                let count = "SELECT COUNT(*) FROM payments WHERE live_order IS NULL AND state = 4"
                #expect(try await fixture.count(count) == attempt)
            }
            #expect(try await fixture.reload(order).state == .pending)
        }
    }

    @Test func `A payment that the company does not take is over, and the buyer is told why`()
        async throws
    {
        try await Self.run { scene in
            let fixture = scene.fixture
            try await fixture.shop.database.write {
                try $0.run("UPDATE tiers SET amount = 10, fee = 0")
            }
            fixture.clock.advance(by: Span.minute)
            let order = try await fixture.order(try await fixture.hold([0]))
            var problem = Problem.paymentDeclined
            problem.detail = "the provider takes no payment of this amount"
            await #expect(throws: problem) { try await fixture.startPayment(order) }
            let over = "SELECT COUNT(*) FROM payments WHERE live_order IS NULL AND state = 4"
            #expect(try await fixture.count(over) == 1)
            #expect(try await fixture.reload(order).state == .pending)
        }
    }

    @Test(arguments: ["refund.failed", "refund.updated", "charge.refund.updated"])
    func `What the company says of a refund by itself is taken for what it is`(type: String)
        async throws
    {
        try await Self.run { scene in
            let fixture = scene.fixture
            let order = try await scene.paidOrder()
            try await fixture.giveBack(of: order)
            #expect(try await fixture.shop.refundRunner.work() == 1)
            let name = try #require(
                try await fixture.shop.database.read {
                    try $0.first("SELECT provider_ref FROM refunds") { try $0.text(0) }
                }
            )
            let signature = WebhookSignature(key: HMACKey(Array(Self.webhookKey.utf8)))
            let messages: [(String, String, String, PaymentDesk.WebhookOutcome)] = [
                ("1", name, "pending", .stale), ("2", name, "failed", .applied),
                ("2", name, "failed", .duplicate), ("3", name, "failed", .stale),
                ("4", "re_by_hand", "failed", .unknown),
            ]
            for (event, id, status, outcome) in messages {
                let text = """
                    {"id":"evt_\(event)","type":"\(type)","data":{"object":{"id":"\(id)","object":"refund",
                    "status":"\(status)","amount":4750,"currency":"eur","payment_intent":"pi","metadata":{}}}}
                    """
                let body = Array(text.utf8)
                let header = signature.header(for: body, at: fixture.clock.now)
                let heard = try await fixture.shop.payments.receive(body, signature: header)
                #expect(heard == outcome)
            }
            #expect(try await fixture.reload(order).state == .refundDue)
            #expect(try await fixture.shop.refundRunner.dead().map(\.order) == [order.code])
            #expect(try await scene.provider.fetchRefund(name)?.status == .returned)
            #expect(try await scene.provider.fetchRefund("re_nobody") == nil)
        }
    }

    /// The message may be faster than the answer to our request.
    @Test
    func `A refund that the company speaks of first is known by the key it was asked for with`()
        async throws
    {
        try await Self.run { scene in
            let fixture = scene.fixture
            let order = try await scene.paidOrder()
            try await fixture.giveBack(of: order)
            let id = try await fixture.count("SELECT id FROM refunds")
            let payment = try #require(try await scene.reference(of: order))
            let book = RefundBook(mint: fixture.shop.mint)
            let now = fixture.clock.now
            let messages: [(String, String, PaymentDesk.WebhookOutcome)] = [
                ("refund-\(id)", "pi_other", .unknown), ("refund-\(id)-older", payment, .unknown),
                ("refund-x", payment, .unknown), ("refund-\(id)", payment, .applied),
                ("refund-\(id)", payment, .stale),
            ]
            for (key, payment, outcome) in messages {
                let said = ProviderRefund(
                    name: "re_1",
                    status: .returned,
                    key: key,
                    payment: payment
                )
                let heard = try await fixture.shop.database.write {
                    try book.hear(said, from: "stripe", at: now, $0)
                }
                #expect(heard == outcome)
            }
            #expect(try await fixture.reload(order).state == .refunded)
        }
    }

    @Test func `An order that ends calls its payment off at the company`() async throws {
        try await Self.run { scene in
            let fixture = scene.fixture
            let order = try await fixture.order(try await fixture.hold([0]))
            let reference = try await fixture.startPayment(order)
            #expect(try await fixture.shop.orders.close(order.id, .cancelled))
            #expect(try await fixture.shop.jobs.work() == 1)
            #expect(try await scene.provider.fetch(reference)?.outcome == .failed)
            // Doing it again, or to a payment that does not exist, is no failure.
            try await scene.provider.cancel(reference)
            try await scene.provider.cancel("pi_nobody")
            #expect(try await scene.provider.fetch("pi_nobody") == nil)
        }
    }

    @Test func `Another amount, an old message and one about something else pay nothing`()
        async throws
    {
        try await Self.run { scene in
            let payments = scene.fixture.shop.payments
            let order = try await scene.fixture.order(try await scene.fixture.hold([0]))
            let reference = try await scene.fixture.startPayment(order)
            let less = Money(amount: 1, currency: "EUR")
            let message = try scene.message(reference, .succeeded, less)
            #expect(
                try await payments.receive(message.body, signature: message.signature) == .mismatch
            )
            let other = Array(#"{"id":"evt_9","type":"customer.created","data":{}}"#.utf8)
            let signature = WebhookSignature(key: HMACKey(Array(Self.webhookKey.utf8)))
            let now = scene.fixture.clock.now
            #expect(
                try await payments.receive(other, signature: signature.header(for: other, at: now))
                    == .ignored
            )
            scene.fixture.clock.advance(by: 301 * Span.second)
            await #expect(throws: Problem.badSignature) {
                try await payments.receive(message.body, signature: message.signature)
            }
            #expect(try await scene.fixture.reload(order).state == .pending)
        }
    }

    @Test func `A company that does not know us, and one that is away, leave the order as it was`()
        async throws
    {
        try await Self.run(key: "sk_test_stranger") { scene in
            let order = try await scene.fixture.order(try await scene.fixture.hold([0]))
            await #expect(throws: (any Error).self) {
                try await scene.fixture.startPayment(order)
            }
            #expect(try await scene.fixture.reload(order).state == .pending)
        }
        var account = StripeProvider.Account(secretKey: "k", webhookKey: "w")
        account.url = "http://127.0.0.1:1"
        var settings = ShopFixture.settings
        settings.payments = .stripe(account)
        let fixture = try await ShopFixture(settings: settings)
        let order = try await fixture.order(try await fixture.hold([0]))
        await #expect(throws: Transfer.Failure.self) { try await fixture.startPayment(order) }
        #expect(try await fixture.reload(order).state == .pending)
    }
}
