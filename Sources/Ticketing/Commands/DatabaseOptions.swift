import ArgumentParser
import Glibc

/// Where the data lies, shared by all commands.
struct DatabaseOptions: ParsableArguments {
    @Option(
        help: """
            An SQLite file, or mysql://user:password@host:port/name [BMH_DATABASE or BMH_DATABASE_URL, default \
            bookme.db].
            """
    )
    var database: String?

    /// The file cannot be written.
    struct Unusable: Error, CustomStringConvertible {
        let description: String
    }

    /// Opens it; says in a sentence why an SQLite file cannot be written.
    func open() throws -> Database {
        if let problem = Self.problem(with: url) { throw Unusable(description: problem) }
        return try Database(url: url)
    }

    /// Why the SQLite file that a URL names cannot be written; nil if it can, or if a server has the data.
    static func problem(with url: String) -> String? {
        guard !isServer(url), let path = try? SQLiteAddress(url: url).path,
            let obstacle = StateFolder.obstacle(toFile: path)
        else { return nil }
        return """
            the database \(path) and the files beside it cannot be written, \(obstacle): make its folder and \
            give it to whoever runs bookme, or name another file with --database (BMH_DATABASE)
            """
    }

    private static func isServer(_ url: String) -> Bool {
        url.hasPrefix("mysql://") || url.hasPrefix("mariadb://")
    }

    /// The folder for mails if none is named: beside the file.
    var neighbouringSpool: String {
        guard !Self.isServer(url), let path = try? SQLiteAddress(url: url).path,
            let slash = path.lastIndex(of: "/")
        else { return "mail" }
        return path[..<slash] + "/mail"
    }

    private var url: String {
        database ?? Setting.text("BMH_DATABASE") ?? Setting.text("BMH_DATABASE_URL") ?? "bookme.db"
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

}

/// A host and a port to listen on.
struct ListenAddress: ExpressibleByArgument, Sendable, Equatable, CustomStringConvertible {
    let host: String
    let port: Int

    var description: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

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
