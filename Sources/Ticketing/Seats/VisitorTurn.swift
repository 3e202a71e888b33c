/// Lets a visitor's requests count one after the other what the visitor holds, wherever they arrive.
///
/// Without it two transactions of an engine with row locks each see what was held before the other, and both stay
/// below a limit that they exceed together.
enum VisitorTurn {
    /// How many hexadecimal digits of a session's hash name its turn. Visitors who share a turn only wait for each
    /// other, and the table never has more rows than there are turns.
    private static let digitCount = 5

    /// Waits for the turns of these visitors and keeps them until the commit; in order, so that those who ask for
    /// several at once do not wait in a circle. Where turns and other rows are taken in different orders the
    /// server ends one of the transactions, which is run again. SQLite has one writer and needs nothing.
    static func take(_ sessions: [String], _ connection: SQLConnection) throws {
        guard connection.dialect == .mariadb, !sessions.isEmpty else { return }
        let turns = Set(sessions.map(number)).sorted().padded
        let marks = Array(repeating: "(?)", count: turns.count).joined(separator: ", ")
        // Finding the row there locks it as writing it does; nothing changes in it.
        try connection.run(
            "INSERT INTO visitor_turns(turn) VALUES\(marks) ON DUPLICATE KEY UPDATE turn = turn",
            turns
        )
    }

    private static func number(of session: String) -> Int {
        Int(session.prefix(digitCount), radix: 16) ?? 0
    }
}
