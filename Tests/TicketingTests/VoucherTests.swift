import Testing

@testable import Ticketing

struct VoucherTests {
    @Test(
        arguments: [
            (Voucher.Kind.percent, 10, 4500, 450), (.percent, 100, 4500, 4500),
            (.percent, 33, 101, 33),
            (.amount, 500, 4500, 500), (.amount, 9000, 4500, 4500), (.percent, 10, 0, 0),
            (.percent, 100, Int64.max, Int64.max),
        ] as [(Voucher.Kind, Int64, Int64, Int64)]
    )
    func `A discount is never more than the seats cost`(
        kind: Voucher.Kind,
        amount: Int64,
        subtotal: Int64,
        expected: Int64
    ) {
        let voucher = Voucher(
            id: 1,
            code: "A",
            kind: kind,
            amount: amount,
            maxUses: 1,
            uses: 0,
            validUntil: nil
        )
        #expect(voucher.discount(on: subtotal) == expected)
    }

    private static func install(_ fixture: ShopFixture, uses: Int) async throws {
        let voucher = Voucher(
            id: 77,
            code: "FRIENDS",
            kind: .percent,
            amount: 50,
            maxUses: uses,
            uses: 0,
            validUntil: nil
        )
        _ = try await fixture.shop.database.write {
            try VoucherRows.insert(voucher, event: 1, $0)
        }
    }

    private static func uses(_ fixture: ShopFixture) async throws -> Int {
        try await fixture.count("SELECT uses FROM vouchers WHERE id = 77")
    }

    @Test(arguments: Engine.tested)
    func `A voucher with three uses makes three orders cheaper, however many try at once`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        try await Self.install(fixture, uses: 3)
        var holds: [(Int64, String)] = []
        for number in 0..<12 {
            let name = "guest\(number)"
            holds.append((try await fixture.hold([number], for: ShopFixture.guest(name)), name))
        }
        let slugs = await withTaskGroup(of: String.self) { group in
            for (hold, name) in holds {
                group.addTask {
                    do {
                        let order = try await fixture.order(
                            hold,
                            for: ShopFixture.guest(name),
                            email: "\(name)@example.com",
                            voucher: "friends"
                        )
                        return order.total == 2500 ? "ordered" : "\(order.total)"
                    } catch let problem as Problem { return problem.slug } catch {
                        return "\(error)"
                    }
                }
            }
            return await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
        }
        #expect(slugs == ["ordered": 3, "voucher-used-up": 9])
        fixture.clock.advance(by: Span.hour)
        _ = try await fixture.shop.sweeper.sweep()
        #expect(try await Self.uses(fixture) == 0)
    }

    /// Else who begins to pay many orders, one after the other, with one voucher could pay all of them late.
    @Test(arguments: Engine.tested, [true, false])
    func `Late money needs the voucher of its order once more, and goes back if somebody has it`(
        engine: Engine,
        isUsedMeanwhile: Bool
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        try await Self.install(fixture, uses: 1)
        let late = try await fixture.order(try await fixture.hold([0]), voucher: "FRIENDS")
        let intent = try await fixture.startPayment(late)
        fixture.clock.advance(by: 15 * Span.minute)
        _ = try await fixture.shop.sweeper.sweep()
        #expect(try await Self.uses(fixture) == 0)
        let rui = ShopFixture.guest("rui")
        if isUsedMeanwhile {
            let hold = try await fixture.hold([1], for: rui)
            _ = try await fixture.order(
                hold,
                for: rui,
                email: "rui@example.com",
                voucher: "FRIENDS"
            )
        }
        try await fixture.shop.till.pay(intent, with: .accepted)
        let state = try await fixture.reload(late).state
        #expect(state == (isUsedMeanwhile ? .refundDue : .paid))
        #expect(try await Self.uses(fixture) == 1)
        #expect(try await fixture.count("SELECT COUNT(*) FROM seat_claims") == 1)
        #expect(
            try await fixture.count("SELECT COUNT(*) FROM refunds") == (isUsedMeanwhile ? 1 : 0)
        )
    }

    @Test func `A voucher of another event, or none, is refused and the hold stays`() async throws {
        let fixture = try await ShopFixture()
        let hold = try await fixture.hold([0])
        await #expect(throws: Problem.voucherInvalid) {
            try await fixture.order(hold, voucher: "NOBODY")
        }
        #expect(try await fixture.order(hold).total == 4750)
    }
}
