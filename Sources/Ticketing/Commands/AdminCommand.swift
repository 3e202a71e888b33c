import ArgumentParser

/// `bookme admin grant`
struct AdminCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin",
        abstract: "Says who runs the house.",
        subcommands: [Grant.self]
    )

    struct Grant: AsyncParsableCommand {
        /// Why nothing was changed.
        struct Refusal: Error, CustomStringConvertible {
            let description: String
        }

        static let configuration = CommandConfiguration(
            abstract:
                "Gives an account a role and ends its sessions: whoever has it signs in again.",
            discussion: """
                The account is there already: its owner registers at /register. Give the --database and --redis of the \
                server, or their variables.
                """
        )

        @OptionGroup var options: DatabaseOptions

        @Argument(help: "The account's e-mail address.")
        var email: String

        @Option(help: "user, admin or door.", transform: Grant.role)
        var role = Role.admin

        @Option(
            help: "The Redis that keeps sessions, if there is one [BMH_REDIS or BMH_REDIS_URL]."
        )
        var redis: String?

        func run() async throws {
            guard let address = EmailAddress(email) else {
                throw Refusal(description: "\(email) is no e-mail address")
            }
            var settings = Shop.Settings()
            settings.redisURL = redis ?? Setting.text("BMH_REDIS") ?? Setting.text("BMH_REDIS_URL")
            let shop = try Shop(database: try options.open(), settings: settings)
            try await shop.databaseClock.measure()
            try await grant(address, in: shop)
            try shop.database.close()
        }

        private func grant(_ address: EmailAddress, in shop: Shop) async throws {
            let user: Int64?
            do {
                user = try await shop.accounts.setRole(role, of: address)
            } catch let problem as Problem {
                throw Refusal(description: problem.title)
            }
            guard let user else {
                throw Refusal(
                    description: "no account has the address \(email): its owner registers first"
                )
            }
            try await shop.audit.note(
                "role \(role.name)",
                by: "bookme admin",
                about: "user \(user)"
            )
            print("\(address.text) is \(role.name)")
        }

        private static func role(_ name: String) throws -> Role {
            guard let role = Role(name: name) else {
                throw ValidationError("a role is user, admin or door")
            }
            return role
        }
    }
}
