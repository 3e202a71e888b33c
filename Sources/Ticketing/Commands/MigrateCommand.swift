import ArgumentParser

/// `bookme migrate`
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Brings the database to the present schema."
    )

    @OptionGroup var options: DatabaseOptions

    func run() async throws {
        let database = try options.open()
        let applied = try Migrator(migrations: Schema.migrations, clock: .system).migrate(database)
        print(
            applied.isEmpty
                ? "nothing to do" : applied.map { "applied: \($0)" }.joined(separator: "\n")
        )
        try database.close()
    }
}
