import ArgumentParser
import Glibc
import Logging
import NIOCore

/// `bookme serve`
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serves the API and the storefront until it is told to stop.",
        discussion: """
            Every option has a variable of the same meaning, as BMH_LISTEN for --listen; `bookme config check` lists \
            them.
            """
    )

    @OptionGroup var options: ServeOptions

    func run() async throws {
        var reader = SettingsReader()
        let resolved = options.resolve(&reader)
        guard reader.problems.isEmpty else {
            throw ValidationError(reader.problems.joined(separator: "\n"))
        }
        try resolved.shop.prepareSpool()
        LoggingSystem.bootstrap { label in
            var handler = ECSLogHandler(label: label)
            handler.logLevel = resolved.logLevel
            return handler
        }
        let logger = Logger(label: "bookme")
        for warning in reader.warnings { logger.warning("\(warning)") }
        let shop = try Shop(database: try options.data.open(), settings: resolved.shop)
        if resolved.isDemonstration { try await seedIfEmpty(shop, resolved.demoPassword) }
        do {
            try await ShopServer(
                shop: shop,
                publicAddress: resolved.publicAddress,
                internalAddress: resolved.internalAddress
            )
            .run()
        } catch let error as IOError {
            throw Unreachable(resolved.publicAddress, resolved.internalAddress, error)
        }
        try shop.database.close()
    }

    /// Nobody can listen where we were told to.
    struct Unreachable: Error, CustomStringConvertible {
        let description: String

        init(_ visitors: ListenAddress, _ house: ListenAddress, _ error: IOError) {
            let why =
                switch error.errnoCode {
                case EADDRINUSE: "another program, or another bookme, listens there already"
                case EACCES: "ports below 1024 are not for everybody"
                case EADDRNOTAVAIL: "this machine does not have such an address"
                default: "\(error)"
                }
            description = """
                cannot listen on \(visitors) (--listen, BMH_LISTEN) or \(house) (--internal-listen, \
                BMH_INTERNAL_LISTEN): \(why); end it or choose other addresses
                """
        }
    }

    private func seedIfEmpty(_ shop: Shop, _ password: String?) async throws {
        let seeder = Seeder(shop: shop, seed: 7)
        guard try await seeder.isEmpty() else { return }
        if let passwords = try await seeder.seedDemonstration(password: password) {
            SeedCommand.announce(passwords)
        }
    }
}
