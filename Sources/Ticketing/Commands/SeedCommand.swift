import ArgumentParser

/// `bookme seed --demo`
struct SeedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seed",
        abstract:
            "Fills an empty database with a demonstration programme and prints the accounts' passwords once."
    )

    @OptionGroup var options: DatabaseOptions

    @Flag(help: "Required: says that invented events are what you want.")
    var demo = false

    @Option(help: "The same seed sells the same seats.")
    var seed: UInt64 = 7

    @Option(help: "The password of both accounts, at least ten characters, instead of random ones.")
    var password: String?

    func validate() throws {
        guard demo else { throw ValidationError("say --demo") }
        guard password.map({ Accounts.passwordBytes.contains($0.utf8.count) }) ?? true else {
            throw ValidationError("a password has 10 to 200 characters")
        }
    }

    func run() async throws {
        let database = try options.open()
        let seeder = Seeder(shop: try Shop(database: database), seed: seed)
        guard let passwords = try await seeder.seedDemonstration(password: password) else {
            print("the database has events already: nothing done")
            return
        }
        Self.announce(passwords)
        try database.close()
    }

    /// Prints the accounts for whoever started the demonstration.
    static func announce(_ passwords: Seeder.Passwords) {
        // Past the buffer of `print`, which would keep the lines until the server stops.
        ECSLogHandler.standardOutput("\(Seeder.buyerEmail) \(passwords.buyer)\n")
        ECSLogHandler.standardOutput("\(Seeder.adminEmail) \(passwords.admin)\n")
        ECSLogHandler.standardOutput("\(Seeder.doorEmail) \(passwords.door)\n")
    }
}
