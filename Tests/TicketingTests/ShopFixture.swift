import Foundation

@testable import Ticketing

/// A shop on a file of its own with one house of twenty seats, closed and deleted with the fixture.
final class ShopFixture: Sendable {
    static let password = "correct horse"

    let clock = ManualClock()
    /// The SQLite file; empty with MariaDB.
    let path: String
    let url: String
    let mailFolder: String
    let shop: Shop

    /// Two rows of ten in the stalls, event `evening`, six seats an order, eight a buyer.
    init(
        on engine: Engine = .sqlite,
        venue: VenuePlan = ShopFixture.house,
        tiers: [Tier] = ShopFixture.tiers,
        settings: Shop.Settings = ShopFixture.settings
    ) async throws {
        let name = NSTemporaryDirectory() + "bookme-\(UUID().uuidString)"
        path = engine == .sqlite ? name + ".db" : ""
        url = engine == .sqlite ? "sqlite://\(path)?wait=600" : try MariaDBServer.freshDatabase()
        mailFolder = name + ".mail"
        var settings = settings
        settings.mailSpool = mailFolder
        shop = try Shop(
            database: try Database(url: url),
            settings: settings,
            clock: clock.wallClock
        )
        let evening = EventPlan(
            id: 1,
            slug: "evening",
            title: "An Evening <with> Friends",
            body: "Bring nobody.",
            venue: venue,
            tiers: tiers,
            startsIn: 30 * Span.day,
            opensIn: -Span.day,
            maxPerOrder: 6,
            maxPerBuyer: 8
        )
        let later = EventPlan(
            id: 2,
            slug: "later",
            title: "Later",
            body: "",
            venue: venue,
            tiers: tiers,
            startsIn: 60 * Span.day,
            opensIn: Span.day
        )
        guard try await Seeder(shop: shop, seed: 1).install([venue], [evening, later]) else {
            throw SQLError.inconsistent("the file was not empty")
        }
    }

    /// The last reference may be that of a write on the database's own queue, where nobody may close it.
    deinit {
        let (database, mails, path) = (shop.database, mailFolder, path)
        DispatchQueue.global().async {
            try? database.close()
            for suffix in ["", "-wal", "-shm"] where !path.isEmpty {
                try? FileManager.default.removeItem(atPath: path + suffix)
            }
            try? FileManager.default.removeItem(atPath: mails)
        }
    }

    /// The mails in the spool, oldest first.
    func mails() throws -> [String] {
        let manager = FileManager.default
        let names = (try? manager.contentsOfDirectory(atPath: mailFolder)) ?? []
        return try names.sorted().map { name in
            try String(contentsOfFile: "\(mailFolder)/\(name)", encoding: .utf8)
        }
    }

    static let house = VenuePlan(
        id: 9,
        slug: "house",
        name: "House",
        city: "Porto",
        timeZone: "Europe/Lisbon",
        blocks: [VenuePlan.Block(code: "ST", name: "Stalls", rowCount: 2, seatsPerRow: 10, tier: 1)]
    )

    static let tiers = [Tier(number: 1, name: "Stalls", amount: 4500, fee: 250, color: "#b8456b")]

    /// Cheap passwords, no tolerance for old pictures of the seats, and patience with slow machines.
    static let settings: Shop.Settings = {
        var settings = Shop.Settings()
        settings.passwordCost = PasswordHasher.Cost(memoryKibibytes: 64, passCount: 1)
        settings.availabilityTolerance = 0
        settings.patience = 5 * Span.minute
        return settings
    }()

    /// A second process's view of the same file.
    func otherProcess() throws -> Shop {
        try Shop(
            database: try Database(url: url),
            settings: shop.settings,
            clock: clock.wallClock
        )
    }

    func listing() async throws -> Listing { try await shop.catalog.listing(slug: "evening") }

    /// A guest with a cart of its own.
    static func guest(_ name: String) -> Visitor { Visitor(cartHash: Token.hash(name)) }

    /// Holds seats for a guest and returns the hold's id.
    func hold(_ seats: [Int], for visitor: Visitor = ShopFixture.guest("ana")) async throws -> Int64 {
        let answer = try await shop.holds.place(
            .seats(seats),
            in: try await listing(),
            for: visitor,
            key: nil
        )
        return try Self.identifier(in: answer)
    }

    /// Orders a hold and returns the order.
    func order(
        _ hold: Int64,
        for visitor: Visitor = ShopFixture.guest("ana"),
        email: String = "ana@example.com",
        voucher: String? = nil
    ) async throws -> Order {
        let answer = try await OrderIntake(shop: shop).create(
            hold: hold,
            email: email,
            names: OrderIntake.Names(holder: "Ana"),
            voucher: voucher,
            for: visitor,
            key: try Self.key("order-\(hold)")
        )
        let code = try JSON.decode(CodeBody.self, from: answer.body).code
        return try await shop.orders.order(code: code, for: visitor)
    }

    /// Has a guest of its own buy each of these seats.
    func buy(_ seats: Range<Int>) async throws {
        for seat in seats {
            let guest = Self.guest("\(seat)")
            let hold = try await hold([seat], for: guest)
            let order = try await order(hold, for: guest, email: "\(seat)@example.com")
            try await shop.till.pay(try await startPayment(order), with: .accepted)
        }
    }

    /// Begins to pay an order and returns the provider's name for the payment.
    func startPayment(_ order: Order) async throws -> String {
        try await Self.startPayment(order, shop.payments)
    }

    /// Begins to pay an order at a desk and returns the provider's name for the payment.
    static func startPayment(_ order: Order, _ desk: PaymentDesk) async throws -> String {
        let answer = try await desk.start(
            order: order,
            title: "Evening",
            returnPath: "/",
            key: nil
        )
        let redirect = try JSON.decode(RedirectBody.self, from: answer.body).redirect
        return redirect.split(separator: "/").last.map(String.init) ?? ""
    }

    /// Gives tickets of an order back.
    @discardableResult
    func giveBack(
        _ selection: RefundDesk.Selection = .all,
        of order: Order,
        byBuyer: Bool = true,
        key: String? = nil
    ) async throws -> Answer {
        try await shop.refunds.request(
            selection,
            of: order,
            in: try await listing(),
            byBuyer: byBuyer,
            key: try key.map { try Self.key($0) }
        )
    }

    /// The order as it stands now.
    func reload(_ order: Order) async throws -> Order {
        guard let order = try await shop.database.read({ try OrderRows.order(id: order.id, $0) })
        else {
            throw Problem.notFound
        }
        return order
    }

    /// One number from the database.
    func count(_ sql: String) async throws -> Int {
        try await shop.database.read { try $0.first(sql) { try $0.int(0) } } ?? -1
    }

    /// A provider's message, signed as the provider would.
    func message(
        _ id: String,
        _ outcome: ProviderOutcome,
        intent: String,
        amount: Int64,
        currency: String = "EUR"
    ) -> (body: [UInt8], signature: String) {
        let body = JSON.encode(
            SandboxProvider.Message(
                id: id,
                type: outcome.rawValue,
                intent: intent,
                amount: amount,
                currency: currency
            )
        )
        let signature = WebhookSignature(key: shop.secrets.sandboxWebhook)
        return (body, signature.header(for: body, at: clock.now))
    }

    static func key(_ text: String, body: String = "{}") throws -> IdempotencyKey {
        guard let key = IdempotencyKey(text, scope: "test", request: Array(body.utf8)) else {
            throw Problem.notFound
        }
        return key
    }

    static func identifier(in answer: Answer) throws -> Int64 {
        Int64(try JSON.decode(IdentifierBody.self, from: answer.body).id) ?? -1
    }

    private struct IdentifierBody: Decodable { let id: String }
    private struct CodeBody: Decodable { let code: String }
    private struct RedirectBody: Decodable { let redirect: String }
}
