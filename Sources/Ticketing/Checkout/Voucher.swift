/// A code that makes the seats of one event cheaper, a limited number of times.
struct Voucher: Sendable, Equatable {
    /// What the amount of a voucher means.
    enum Kind: Int64, Sendable {
        case percent = 0
        /// Minor units off the order.
        case amount = 1

        /// The name on the wire.
        var name: String { self == .percent ? "percent" : "amount" }
    }

    let id: Int64
    let code: String
    let kind: Kind
    let amount: Int64
    let maxUses: Int
    let uses: Int
    let validUntil: Milliseconds?

    /// How much cheaper seats of this price become; fees stay.
    func discount(on subtotal: Int64) -> Int64 {
        guard subtotal > 0, amount > 0 else { return 0 }
        switch kind {
        case .amount: return min(amount, subtotal)
        case .percent:
            // In two parts, so that no price is too large to be multiplied.
            let percent = min(amount, 100)
            return subtotal / 100 * percent + subtotal % 100 * percent / 100
        }
    }

    /// The one spelling of a code: upper case.
    static func normalised(_ code: String) -> String? {
        let text = code.uppercased().filter { $0 != " " }
        let isUsable =
            (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0 > 32 && $0 < 127 }
        return isUsable ? text : nil
    }
}

/// The statements behind vouchers.
enum VoucherRows {
    /// The voucher of an event with this code; throws `voucher-invalid` if there is none that is valid now.
    static func voucher(
        _ code: String,
        event: Int64,
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws -> Voucher {
        guard let voucher = try find(code, event: event, at: now, connection) else {
            throw Problem.voucherInvalid
        }
        return voucher
    }

    /// The same; nil if there is none.
    static func find(
        _ code: String,
        event: Int64,
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws -> Voucher? {
        guard let code = Voucher.normalised(code),
            let voucher = try connection.first(
                """
                SELECT id, code, kind, amount, max_uses, uses, valid_until FROM vouchers WHERE event_id = ? AND code = ?
                """,
                [event, code],
                voucher
            ),
            voucher.validUntil.map({ $0 > now }) ?? true
        else { return nil }
        return voucher
    }

    /// All vouchers of an event.
    static func all(event: Int64, _ connection: SQLConnection) throws -> [Voucher] {
        try connection.rows(
            """
            SELECT id, code, kind, amount, max_uses, uses, valid_until FROM vouchers WHERE event_id = ?
            ORDER BY code LIMIT 1000
            """,
            [event],
            voucher
        )
    }

    private static func voucher(_ row: SQLRow) throws -> Voucher {
        guard let kind = Voucher.Kind(rawValue: try row.integer(2)) else {
            throw SQLError.column(2)
        }
        return Voucher(
            id: try row.integer(0),
            code: try row.text(1),
            kind: kind,
            amount: try row.integer(3),
            maxUses: try row.int(4),
            uses: try row.int(5),
            validUntil: try row.optionalInteger(6)
        )
    }

    /// Writes a new voucher; false if the code is taken.
    static func insert(_ voucher: Voucher, event: Int64, _ connection: SQLConnection) throws
        -> Bool
    {
        try connection.run(
            """
            INSERT OR IGNORE INTO vouchers(id, event_id, code, kind, amount, max_uses, uses, valid_until)
            VALUES(?, ?, ?, ?, ?, ?, 0, ?)
            """,
            [
                voucher.id, event, voucher.code, voucher.kind.rawValue, voucher.amount,
                voucher.maxUses, voucher.validUntil,
            ]
        ) == 1
    }

    /// Takes one use; throws `voucher-used-up` if none is left.
    static func use(_ voucher: Voucher, _ connection: SQLConnection) throws {
        guard try take(voucher.id, connection) else { throw Problem.voucherUsedUp }
    }

    /// Takes one use; false if none is left.
    static func take(_ id: Int64, _ connection: SQLConnection) throws -> Bool {
        try connection.run(
            "UPDATE vouchers SET uses = uses + 1 WHERE id = ? AND uses < max_uses",
            [id]
        ) == 1
    }

    /// Gives one use back.
    static func giveBack(_ id: Int64, _ connection: SQLConnection) throws {
        try connection.run("UPDATE vouchers SET uses = uses - 1 WHERE id = ? AND uses > 0", [id])
    }
}
