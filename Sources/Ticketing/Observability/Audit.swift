/// Who did what, for those who ask afterwards.
struct Audit: Sendable {
    let database: Database
    let mint: IdentifierMint
    let clock: WallClock

    /// Writes a line in a transaction of its own.
    func note(_ action: String, by actor: String, about entity: String, _ data: String = "")
        async throws
    {
        try await database.write { try note(action, by: actor, about: entity, data, $0) }
    }

    /// Writes a line in the transaction of what it tells about.
    func note(
        _ action: String,
        by actor: String,
        about entity: String,
        _ data: String,
        _ connection: SQLConnection
    ) throws {
        connection.append(
            "INSERT INTO audit(id, actor, action, entity, data, at)",
            [
                mint.next(), String(actor.prefix(60)), String(action.prefix(60)),
                String(entity.prefix(60)), String(data.prefix(2000)), clock.now(),
            ]
        )
    }
}
