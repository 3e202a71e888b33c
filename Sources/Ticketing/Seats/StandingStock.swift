/// What is left of the standing areas, counted in shards so that a rush does not queue for one row.
enum StandingStock {
    /// How many rows a large area is spread over.
    static let shardCount = 16

    /// Writes the stock of an area: `capacity` places over the shards.
    static func create(
        event: Int64,
        section: Int,
        capacity: Int,
        _ connection: SQLConnection
    ) throws {
        for shard in 0..<shardCount {
            let places = capacity / shardCount + (shard < capacity % shardCount ? 1 : 0)
            try connection.run(
                "INSERT INTO ga_stock(event_id, section_no, shard, initial, remaining) VALUES(?, ?, ?, ?, ?)",
                [event, section, shard, places, places]
            )
        }
    }

    /// Takes `count` places and returns the shard of each; nil, and nothing taken, if there are not that many.
    ///
    /// `turn` says where to begin. Shards are asked in one circle, first for everything and then for single places, so
    /// that the last places are found wherever they are.
    static func take(
        _ count: Int,
        event: Int64,
        section: Int,
        turn: Int,
        _ connection: SQLConnection
    ) throws -> [Int]? {
        let start = Int(turn.magnitude % UInt(shardCount))
        let circle = (0..<shardCount).map { (start + $0) % shardCount }
        for shard in circle where try take(count, event, section, shard, connection) {
            return Array(repeating: shard, count: count)
        }
        guard count > 1 else { return nil }
        var taken: [Int] = []
        for shard in circle {
            while taken.count < count, try take(1, event, section, shard, connection) {
                taken.append(shard)
            }
            if taken.count == count { return taken }
        }
        try giveBack(taken, event: event, section: section, connection)
        return nil
    }

    private static func take(
        _ count: Int,
        _ event: Int64,
        _ section: Int,
        _ shard: Int,
        _ connection: SQLConnection
    ) throws -> Bool {
        try connection.run(
            """
            UPDATE ga_stock SET remaining = remaining - ?
            WHERE event_id = ? AND section_no = ? AND shard = ? AND remaining >= ?
            """,
            [count, event, section, shard, count]
        ) == 1
    }

    /// Takes the standing places of an ended hold again and notes where from; false if they are gone.
    static func retake(
        _ items: [HoldItem],
        hold: Int64,
        event: Int64,
        _ connection: SQLConnection
    ) throws -> Bool {
        for item in items where item.seat == nil {
            let shards = try take(
                1,
                event: event,
                section: item.section,
                turn: item.number,
                connection
            )
            guard let shard = shards?.first else { return false }
            try connection.run(
                "UPDATE hold_items SET shard = ? WHERE hold_id = ? AND item_no = ?",
                [shard, hold, item.number]
            )
        }
        return true
    }

    /// Gives places back to the shards they came from.
    static func giveBack(_ items: [HoldItem], event: Int64, _ connection: SQLConnection) throws {
        for (section, group) in Dictionary(grouping: items, by: \.section)
            .sorted(by: { $0.key < $1.key })
        {
            let shards = group.compactMap(\.shard)
            try giveBack(shards, event: event, section: section, connection)
        }
    }

    private static func giveBack(
        _ shards: [Int],
        event: Int64,
        section: Int,
        _ connection: SQLConnection
    ) throws {
        for (shard, places) in Dictionary(grouping: shards, by: { $0 }).sorted(by: {
            $0.key < $1.key
        }) {
            try connection.run(
                "UPDATE ga_stock SET remaining = remaining + ? WHERE event_id = ? AND section_no = ? AND shard = ?",
                [places.count, event, section, shard]
            )
        }
    }

    /// What is left of each area of an event, by section number.
    static func remaining(event: Int64, _ connection: SQLConnection) throws -> [Int: Int] {
        let pairs = try connection.rows(
            "SELECT section_no, SUM(remaining) FROM ga_stock WHERE event_id = ? GROUP BY section_no",
            [event]
        ) { (try $0.int(0), try $0.int(1)) }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    /// How many standing places of an event are held and sold.
    static func count(event: Int64, _ connection: SQLConnection) throws -> (held: Int, sold: Int) {
        let taken =
            try connection.first(
                "SELECT COALESCE(SUM(initial - remaining), 0) FROM ga_stock WHERE event_id = ?",
                [event]
            ) { try $0.int(0) } ?? 0
        let sold =
            try connection.first(
                "SELECT COUNT(*) FROM tickets WHERE event_id = ? AND seat_no IS NULL AND state = 0",
                [event]
            ) { try $0.int(0) } ?? 0
        return (max(0, taken - sold), sold)
    }
}
