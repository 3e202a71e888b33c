import Transport

/// One step of the schema's history. It never changes once released.
struct Migration: Sendable {
    let version: Int64
    let name: String
    let statements: [String]

    /// The SHA-256 of the statements, to notice a step that was edited after it had run somewhere.
    var checksum: String {
        Token.hexadecimal(Digest.sha256(Array(statements.joined(separator: ";\n").utf8)))
    }
}

/// Why the schema cannot be used.
enum MigrationError: Error, Equatable, CustomStringConvertible {
    case edited(version: Int64)
    case newerSchema(version: Int64)

    var description: String {
        switch self {
        case .edited(let version):
            "migration \(version) differs from the one that this database has run"
        case .newerSchema(let version):
            "the database has migration \(version), which this program does not know"
        }
    }
}

/// Brings a database to the present schema.
///
/// In SQLite all steps and their records share one exclusive transaction. MariaDB commits every definition by itself:
/// there a lock keeps other processes out, and a step that was cut off is run again, passing over what it had done.
struct Migrator: Sendable {
    let migrations: [Migration]
    let clock: WallClock

    /// Runs what is missing and returns its names. Two processes may start at once: the second finds the work done.
    ///
    /// Mostly nothing is missing, and then nobody who starts waits for the lock of others who do. That is found out in
    /// a transaction of its own, which keeps no table from those who migrate.
    func migrate(_ database: Database) throws -> [String] {
        if try database.prepare(isCurrent) { return [] }
        return try database.prepare { connection in
            try lock(connection)
            try connection.run(
                """
                CREATE TABLE IF NOT EXISTS schema_migrations(
                  version BIGINT NOT NULL PRIMARY KEY, name VARCHAR(80) NOT NULL, checksum CHAR(64) NOT NULL,
                  applied_at BIGINT NOT NULL)
                """
            )
            let missing = try missing(connection)
            for migration in missing { try apply(migration, connection) }
            return missing.map(\.name)
        }
    }

    /// Whether all steps ran; an empty database has no table that says so.
    private func isCurrent(_ connection: SQLConnection) throws -> Bool {
        do {
            return try missing(connection).isEmpty
        } catch let error as SQLError where error != .busy && error != .deadlock {
            return false
        }
    }

    /// The steps that have not run; throws if one that did is not ours.
    private func missing(_ connection: SQLConnection) throws -> [Migration] {
        let applied = try connection.rows(
            "SELECT version, checksum FROM schema_migrations ORDER BY version"
        ) {
            (version: try $0.integer(0), checksum: try $0.text(1))
        }
        let known = Dictionary(uniqueKeysWithValues: migrations.map { ($0.version, $0) })
        for step in applied {
            guard let migration = known[step.version] else {
                throw MigrationError.newerSchema(version: step.version)
            }
            guard migration.checksum == step.checksum else {
                throw MigrationError.edited(version: step.version)
            }
        }
        return migrations.filter { migration in
            !applied.contains { $0.version == migration.version }
        }
    }

    /// One process at a time makes the tables of a database. The server knows locks by name alone, whatever the
    /// database, and names of 64 characters at most; the lock ends with the connection.
    private func lock(_ connection: SQLConnection) throws {
        guard connection.dialect == .mariadb else { return }
        let isLocked = try connection.first(
            "SELECT GET_LOCK(CONCAT('bmh_migrate ', SHA1(DATABASE())), 60)"
        ) {
            try $0.optionalInteger(0)
        }
        guard isLocked == 1 else { throw SQLError.busy }
    }

    private func apply(_ migration: Migration, _ connection: SQLConnection) throws {
        for statement in migration.statements {
            do throws(SQLError) {
                try connection.run(statement)
            } catch {
                let isDone = error == .definition || error == .unique
                guard isDone, !connection.dialect.hasTransactionalDefinitions else { throw error }
            }
        }
        try connection.run(
            "INSERT INTO schema_migrations(version, name, checksum, applied_at) VALUES(?, ?, ?, ?)",
            [migration.version, migration.name, migration.checksum, clock.now()]
        )
    }
}
