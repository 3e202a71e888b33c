import Foundation
import Testing

@testable import Ticketing

struct MigrationTests {
    /// An empty database of an engine, and what deletes it.
    private static func empty(_ engine: Engine) throws -> (url: String, remove: () -> Void) {
        guard engine == .sqlite else { return (try MariaDBServer.freshDatabase(), {}) }
        let path = NSTemporaryDirectory() + "bookme-migration-\(UUID().uuidString).db"
        return (
            "sqlite://\(path)?wait=600",
            {
                for suffix in ["", "-wal", "-shm"] {
                    try? FileManager.default.removeItem(atPath: path + suffix)
                }
            }
        )
    }

    @Test(arguments: Engine.tested)
    func `What an older schema holds is there after the newer ones, and a second run does nothing`(
        engine: Engine
    ) throws {
        let (url, remove) = try Self.empty(engine)
        defer { remove() }
        let database = try Database(url: url)
        let old = Migrator(migrations: Array(Schema.migrations.prefix(6)), clock: .system)
        _ = try old.migrate(database)
        try database.prepare { connection in
            try connection.run("INSERT INTO hold_items VALUES(5, 0, 1, 17, 2, 4500, 250)")
            try connection.run(
                """
                INSERT INTO orders(id, code, event_id, user_id, session_hash, hold_id, email, email_norm, holder, state,
                  units, currency, subtotal, fees, total, created_at)
                VALUES(7, 'ABCDEFGHJK', 1, NULL, 's', 5, 'a@b.pt', 'a@b.pt', 'Ana', 1, 1, 'EUR', 4500, 250, 4750, 1)
                """
            )
            try connection.run(
                "INSERT INTO tickets VALUES(9, 7, 0, 1, 1, 17, 2, 4750, 'Ana', 'SERIAL', 'BMH1.X', 0, 17)"
            )
        }
        let migrator = Migrator(migrations: Schema.migrations, clock: .system)
        #expect(try migrator.migrate(database).count == Schema.migrations.count - 6)
        #expect(try migrator.migrate(database).isEmpty)
        try database.prepare { connection in
            let order = try #require(try OrderRows.order(code: "ABCDEFGHJK", connection))
            #expect(order.total == 4750)
            #expect(order.discount == 0)
            #expect(try HoldRows.items(of: 5, connection).seats == [17])
            #expect(try OrderRows.tickets(of: 7, connection).map(\.serial) == ["SERIAL"])
            #expect(throws: SQLError.unique) {
                try connection.run(
                    "UPDATE tickets SET id = 10, order_id = 8, serial = 'T' WHERE id = 9"
                )
                try connection.run(
                    """
                    INSERT INTO tickets(id, order_id, item_no, event_id, section_no, seat_no, tier_no, amount, holder,
                      serial, code, state, live_seat)
                    VALUES(11, 9, 0, 1, 1, 17, 2, 4750, 'Bea', 'U', 'BMH1.Y', 0, 17)
                    """
                )
            }
        }
        try database.close()
    }

    @Test(arguments: Engine.tested)
    func `Two processes that start on an empty database build it once`(engine: Engine) async throws {
        let (url, remove) = try Self.empty(engine)
        defer { remove() }
        async let one = Task.detached { try Shop(database: try Database(url: url)) }.value
        async let two = Task.detached { try Shop(database: try Database(url: url)) }.value
        let shops = try await [one, two]
        let event = EventPlan(
            id: 1,
            slug: "evening",
            title: "Evening",
            body: "",
            venue: .teatro,
            tiers: ShopFixture.tiers,
            startsIn: 30 * Span.day,
            opensIn: -Span.day
        )
        let built = try await withThrowingTaskGroup(of: Bool.self) { group in
            for shop in shops {
                group.addTask {
                    try await Seeder(shop: shop, seed: 1).install([.teatro], [event])
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(built.filter { $0 }.count == 1)
        for shop in shops { try shop.database.close() }
    }

    @Test(.enabled(if: MariaDBServer.isInstalled))
    func `Where nothing is missing a start waits for no other one`() throws {
        let database = try Database(url: try MariaDBServer.freshDatabase())
        let migrator = Migrator(migrations: Schema.migrations, clock: .system)
        #expect(try migrator.migrate(database).count == Schema.migrations.count)
        try database.prepare { connection in
            let isLocked = try connection.first(
                "SELECT GET_LOCK(CONCAT('bmh_migrate ', SHA1(DATABASE())), 60)"
            ) { try $0.int(0) }
            #expect(isLocked == 1)
            // Whoever asked for the lock would be told after a minute that it cannot be had.
            #expect(try migrator.migrate(database).isEmpty)
        }
        try database.close()
    }

    @Test(.enabled(if: MariaDBServer.isInstalled))
    func `On MariaDB a step that was cut off is finished by the next run`() throws {
        let database = try Database(url: try MariaDBServer.freshDatabase())
        try database.prepare {
            try $0.run("CREATE TABLE one(x INT NOT NULL PRIMARY KEY)")
        }
        let step = Migration(
            version: 1,
            name: "one",
            statements: ["CREATE TABLE one(x INT NOT NULL PRIMARY KEY)", "CREATE TABLE two(x INT)"]
        )
        let migrator = Migrator(migrations: [step], clock: .system)
        #expect(try migrator.migrate(database) == ["one"])
        #expect(try migrator.migrate(database).isEmpty)
        try database.close()
    }

    @Test(
        arguments: [
            ("mysql://u:p@h:3307/n", "h", 3307, "u", "p", "n"),
            ("mariadb://shop@db/shop", "db", 3306, "shop", "", "shop"),
            (
                "mysql://a%40b:c%2Fd@127.0.0.1/n?ca=/etc/ca.pem", "127.0.0.1", 3306, "a@b", "c/d",
                "n"
            ),
        ] as [(String, String, UInt32, String, String, String)]
    )
    func `A database's address is read`(
        url: String,
        host: String,
        port: UInt32,
        user: String,
        password: String,
        name: String
    ) throws {
        let address = try #require(try MariaDBAddress(url: url))
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.user == user)
        #expect(address.password == password)
        #expect(address.database == name)
    }

    @Test(
        arguments: ["mysql://", "mysql://h", "mysql://h/", "mysql://h:x/n", "mysql://h:0/n"]
            + ["mysql://a:b:c/n", "mysql://h/n?nonsense=1", "mysql://%zz@h/n"]
    )
    func `A broken address is refused in words`(url: String) {
        #expect(throws: MariaDBAddress.Problem.self) { try MariaDBAddress(url: url) }
    }

    @Test(arguments: [
        ("bookme.db", "bookme.db", 5), ("a?wait=7.db", "a?wait=7.db", 5),
        ("sqlite:///tmp/a.db", "/tmp/a.db", 5), ("sqlite:///tmp/a.db?wait=600", "/tmp/a.db", 600),
    ])
    func `A file's address says where it is and how long to wait`(
        url: String,
        path: String,
        waitSeconds: Int
    ) throws {
        let address = try SQLiteAddress(url: url)
        #expect(address.path == path)
        #expect(address.waitSeconds == waitSeconds)
    }

    @Test(arguments: ["sqlite://a?wait=0", "sqlite://a?wait=x", "sqlite://a?", "sqlite://a?b=1"])
    func `A file's address with a broken option is refused in words`(url: String) {
        #expect(throws: SQLiteAddress.Problem.self) { try SQLiteAddress(url: url) }
    }

    @Test func `Other addresses belong to the other engine`() throws {
        for url in ["bookme.db", "/tmp/a.db", "sqlite:///tmp/a.db"] {
            #expect(try MariaDBAddress(url: url) == nil)
        }
    }
}
