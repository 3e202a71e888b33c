/// Where a MariaDB or MySQL server is and who we are there:
/// `mysql://user:password@host:port/name?socket=/path&ca=/path&wait=2`.
struct MariaDBAddress: Sendable, Equatable {
    /// What is wrong with an address.
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    var host = "127.0.0.1"
    var port: UInt32 = 3306
    var user = ""
    var password = ""
    var database = ""
    /// A local socket instead of host and port.
    var socket: String?
    /// The file of certificates that vouch for the server; with it the connection is encrypted and the server's name
    /// checked.
    var certificates: String?
    /// How long a statement waits for somebody else's lock, and a read for its turn, in seconds: who waited longer is
    /// told to come again. 1 to 3,600.
    var waitSeconds = 2

    /// Reads an address; nil if the text names another engine.
    init?(url: String) throws(Problem) {
        guard let scheme = ["mysql://", "mariadb://"].first(where: url.hasPrefix) else {
            return nil
        }
        var rest = url.dropFirst(scheme.count)
        if let mark = rest.firstIndex(of: "?") {
            try readOptions(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        guard let slash = rest.firstIndex(of: "/") else {
            throw Problem(description: "database: no name of a database in the address")
        }
        database = try Self.decoded(rest[rest.index(after: slash)...])
        guard !database.isEmpty else {
            throw Problem(description: "database: no name of a database in the address")
        }
        var authority = rest[..<slash]
        if let at = authority.lastIndex(of: "@") {
            let parts = authority[..<at].split(
                separator: ":",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            user = try Self.decoded(parts[0])
            password = parts.count > 1 ? try Self.decoded(parts[1]) : ""
            authority = authority[authority.index(after: at)...]
        }
        try readAuthority(authority)
    }

    /// Why nobody connects, for whoever wrote the address.
    func problem(_ error: SQLError) -> Problem {
        let place = socket ?? "\(host):\(port)"
        let reason =
            if case .other(let words) = error {
                "the server at \(place) refuses us: \(words)"
            } else {
                "no server can be reached at \(place), or none that has room and the right certificate"
            }
        return Problem(description: "database: \(reason); see --database or BMH_DATABASE")
    }

    private mutating func readAuthority(_ authority: Substring) throws(Problem) {
        guard !authority.isEmpty else { return }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, !parts[0].isEmpty else {
            throw Problem(description: "database: \(authority) is no host and port")
        }
        host = String(parts[0])
        guard parts.count == 2 else { return }
        guard let number = UInt32(parts[1]), (1...65_535).contains(number) else {
            throw Problem(description: "database: \(parts[1]) is no port")
        }
        port = number
    }

    private mutating func readOptions(_ text: Substring) throws(Problem) {
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? try Self.decoded(parts[1]) : ""
            switch parts[0] {
            case "socket": socket = value
            case "ca": certificates = value
            case "wait":
                guard let seconds = Int(value), (1...3_600).contains(seconds) else {
                    throw Problem(description: "database: wait is no number from 1 to 3600")
                }
                waitSeconds = seconds
            default: throw Problem(description: "database: unknown option \(parts[0])")
            }
        }
    }

    /// Percent-encoded text in clear.
    private static func decoded(_ text: Substring) throws(Problem) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard let value = Token.bytes(hexadecimal: digits), value.count == 1 else {
                throw Problem(description: "database: a broken escape in the address")
            }
            bytes += value
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
