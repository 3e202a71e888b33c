/// Where a Redis is and how to log in: `redis://[user:password@]host[:port][/database]`, `rediss://…` for TLS, or
/// `unix:/path[?db=database]`. Its description leaves the password out.
public struct RedisURL: Sendable, Equatable {
    /// Why a text is no such URL, in words for whoever wrote it.
    public struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
        public let description: String
    }

    /// A host with a port, or a socket in the file system.
    public enum Place: Sendable, Equatable {
        case host(String, port: UInt16)
        case unix(path: String)
    }

    public var place: Place
    /// Whether the connection is encrypted, and the server has to prove its name.
    public var usesTLS: Bool
    /// Nil logs in as the default user.
    public var user: String?
    /// Nil does not log in.
    public var password: String?
    public var database: Int

    /// Databases a URL may name; Redis has 16 unless told otherwise.
    private static let databaseLimit = 1_000_000

    public init(_ text: String) throws(Problem) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw Problem(description: "a space or a control character")
        }
        if text.hasPrefix("unix:") {
            self = try Self.unix(text.dropFirst(5))
        } else if text.hasPrefix("redis://") {
            self = try Self.network(text.dropFirst(8), usesTLS: false)
        } else if text.hasPrefix("rediss://") {
            self = try Self.network(text.dropFirst(9), usesTLS: true)
        } else {
            throw Problem(description: "expected redis://, rediss:// or unix:")
        }
    }

    private init(place: Place, usesTLS: Bool, login: Login, database: Int) {
        self.place = place
        self.usesTLS = usesTLS
        user = login.user
        password = login.password
        self.database = database
    }

    private typealias Login = (user: String?, password: String?)

    private static func network(_ text: Substring, usesTLS: Bool) throws(Problem) -> RedisURL {
        let slash =
            text.lastIndex(of: "@").map { text[$0...].firstIndex(of: "/") }
            ?? text.firstIndex(of: "/")
        let authority = text[..<(slash ?? text.endIndex)]
        let path = slash.map { text[text.index(after: $0)...] } ?? ""
        let (login, address) = try splitLogin(authority)
        let place = try hostAndPort(address)
        return RedisURL(
            place: place,
            usesTLS: usesTLS,
            login: login,
            database: try databaseNumber(path)
        )
    }

    private static func unix(_ text: Substring) throws(Problem) -> RedisURL {
        var rest = text.hasPrefix("//") ? text.dropFirst(2) : text
        var login: Login = (nil, nil)
        if !rest.hasPrefix("/"), let slash = rest.firstIndex(of: "/") {
            let (found, host) = try splitLogin(rest[..<slash])
            guard host.isEmpty else { throw Problem(description: "a unix socket has no host") }
            login = found
            rest = rest[slash...]
        }
        let mark = rest.firstIndex(of: "?") ?? rest.endIndex
        let path = try decode(rest[..<mark])
        guard path.hasPrefix("/"), path.utf8.count > 1, path.utf8.count < 108,
            !path.utf8.contains(0)
        else {
            throw Problem(description: "expected the path of a unix socket, of 107 bytes at most")
        }
        var database = 0
        if mark < rest.endIndex {
            let query = rest[rest.index(after: mark)...]
            guard query.hasPrefix("db=") else {
                throw Problem(description: "expected ?db= and a number")
            }
            database = try databaseNumber(query.dropFirst(3))
        }
        return RedisURL(place: .unix(path: path), usesTLS: false, login: login, database: database)
    }

    private static func splitLogin(_ authority: Substring) throws(Problem) -> (Login, Substring) {
        guard let at = authority.lastIndex(of: "@") else { return ((nil, nil), authority) }
        let login = authority[..<at]
        let rest = authority[authority.index(after: at)...]
        guard let colon = login.firstIndex(of: ":") else {
            throw Problem(description: "expected user:password or :password before the @")
        }
        let user = try decode(login[..<colon])
        let password = try decode(login[login.index(after: colon)...])
        guard !password.isEmpty else { throw Problem(description: "the password is empty") }
        return ((user.isEmpty ? nil : user, password), rest)
    }

    private static func hostAndPort(_ address: Substring) throws(Problem) -> Place {
        var host = address
        var port: Substring?
        if address.hasPrefix("[") {
            guard let close = address.firstIndex(of: "]") else {
                throw Problem(description: "the [ is not closed")
            }
            host = address[address.index(after: address.startIndex)..<close]
            let rest = address[address.index(after: close)...]
            guard rest.isEmpty || rest.hasPrefix(":") else {
                throw Problem(description: "expected a port behind the ]")
            }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = address.firstIndex(of: ":") {
            host = address[..<colon]
            port = address[address.index(after: colon)...]
        }
        guard !host.isEmpty, host.utf8.count <= 253 else {
            throw Problem(description: "expected a host")
        }
        guard let port else { return .host(String(host), port: 6379) }
        guard port.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let number = UInt16(port), number > 0
        else {
            throw Problem(description: "expected a port from 1 to 65535")
        }
        return .host(String(host), port: number)
    }

    private static func databaseNumber(_ text: Substring) throws(Problem) -> Int {
        guard !text.isEmpty else { return 0 }
        guard text.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let number = Int(text),
            number < databaseLimit
        else {
            throw Problem(description: "expected the number of a database")
        }
        return number
    }

    private static func decode(_ text: Substring) throws(Problem) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == 0x25 else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexValue),
                let low = rest.popFirst().flatMap(hexValue)
            else {
                throw Problem(description: "a % without two hexadecimal digits")
            }
            bytes.append(high << 4 | low)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        let digit = byte &- 0x30
        let letter = (byte | 0x20) &- 0x61
        return digit < 10 ? digit : letter < 6 ? letter + 10 : nil
    }
}

extension RedisURL: CustomStringConvertible {
    public var description: String {
        let login = password == nil ? "" : "\(user ?? ""):[redacted]@"
        switch place {
        case .unix(let path): return "unix://\(login)\(path)?db=\(database)"
        case .host(let host, let port):
            let name = host.contains(":") ? "[\(host)]" : host
            return "redis\(usesTLS ? "s" : "")://\(login)\(name):\(port)/\(database)"
        }
    }
}
