import ArgumentParser
import Glibc

/// Where the data lies, shared by all commands.
struct DatabaseOptions: ParsableArguments {
    @Option(help: "The SQLite file [BMH_DATABASE, default bookme.db].")
    var database: String?

    /// Opens the file.
    func open() throws -> Database {
        let path = database ?? Setting.text("BMH_DATABASE") ?? "bookme.db"
        return try Database(path: path.hasPrefix("sqlite://") ? String(path.dropFirst(9)) : path)
    }
}

/// Settings from the environment.
enum Setting {
    /// The variable's value; nil if it is unset or empty.
    static func text(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        let text = unsafe String(cString: value)
        return text.isEmpty ? nil : text
    }

    /// Whether the variable says yes.
    static func isOn(_ name: String) -> Bool {
        ["1", "true", "yes", "on"].contains(text(name)?.lowercased())
    }
}

/// A host and a port to listen on.
struct ListenAddress: ExpressibleByArgument, Sendable, Equatable {
    let host: String
    let port: Int

    /// Reads `host:port`; an IPv6 host stands in brackets.
    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"),
            let port = Int(argument[argument.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        let host = argument[..<colon]
        let bare = host.hasPrefix("[") && host.hasSuffix("]") ? host.dropFirst().dropLast() : host
        guard !bare.isEmpty else { return nil }
        self.host = String(bare)
        self.port = port
    }
}
