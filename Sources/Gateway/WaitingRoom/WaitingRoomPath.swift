/// The paths under `/.wr/`, which belong to the gateway on every host with a room.
enum WaitingRoomPath: Hashable, Sendable {
    case status(room: String?)
    /// With `isPage` a browser shows what comes back.
    case leave(room: String?, givesUpPlace: Bool, isPage: Bool = false)
    case pulse(room: String)
    case asset(name: String)
    case receipt(room: String?)
    /// Takes a place to another device: asks for a code, or names one.
    case move(room: String?, code: String?)
    /// Shows that work was done, or asks for the question instead.
    case proof(room: String?, Proof)
    case log(room: String, after: Int64)
    case roots(room: String)
    /// Answered 404, never proxied.
    case unknown

    /// What somebody shows.
    struct Proof: Hashable, Sendable {
        var nonce: String?
        /// Of the form with the question.
        var token: String?
        var answer: String?
    }

    static let prefix = "/.wr/"

    /// The room that it names; nil for the host's first.
    var room: String? {
        switch self {
        case .status(let room), .receipt(let room), .leave(let room, _, _), .move(let room, _),
            .proof(let room, _):
            room
        case .pulse(let room), .log(let room, _), .roots(let room): room
        case .asset, .unknown: nil
        }
    }

    /// Nil if the path is not the gateway's. `path` is the normalised path without the query.
    init?(path: some StringProtocol, query: some StringProtocol) {
        guard path.hasPrefix(Self.prefix) else {
            if path != "/.wr" { return nil }
            self = .unknown
            return
        }
        let rest = path.dropFirst(Self.prefix.count)
        let room = Self.parameter("room", of: query)
        switch rest {
        case "status": self = .status(room: room)
        case "leave":
            self = .leave(
                room: room,
                givesUpPlace: Self.parameter("place", of: query) == "1",
                isPage: Self.parameter("page", of: query) == "1"
            )
        case "move": self = .move(room: room, code: Self.parameter("code", of: query))
        case "proof":
            let proof = Proof(
                nonce: Self.parameter("nonce", of: query),
                token: Self.parameter("token", of: query),
                answer: Self.parameter("answer", of: query)
            )
            self = .proof(room: room, proof)
        case "receipt": self = .receipt(room: room)
        default:
            if let name = Self.name(in: rest, after: "pulse/") {
                self = .pulse(room: name)
            } else if let name = Self.name(in: rest, after: "log/") {
                let after = Self.parameter("after", of: query).flatMap { Int64($0) }
                self = .log(room: name, after: QueueNumber.clamp(after ?? 0))
            } else if let name = Self.name(in: rest, after: "roots/") {
                self = .roots(room: name)
            } else if rest.hasPrefix("app.") {
                self = .asset(name: String(rest))
            } else {
                self = .unknown
            }
        }
    }

    private static func name(in rest: some StringProtocol, after prefix: String) -> String? {
        guard rest.hasPrefix(prefix) else { return nil }
        let name = String(rest.dropFirst(prefix.count))
        return WaitingRoomSettings.isValidName(name) ? name : nil
    }

    private static func parameter(_ name: String, of query: some StringProtocol) -> String? {
        for pair in query.split(separator: "&", maxSplits: 16) where pair.hasPrefix(name + "=") {
            return decoded(pair.dropFirst(name.count + 1).utf8)
        }
        return nil
    }

    /// As forms write it (application/x-www-form-urlencoded); what is no escape stands for itself.
    static func decoded(_ text: some Collection<UInt8>) -> String {
        var bytes: [UInt8] = []
        var rest = text[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%"), let value = escaped(rest.prefix(2)) else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                continue
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The byte that two hexadecimal digits name.
    private static func escaped(_ digits: some Collection<UInt8>) -> UInt8? {
        guard digits.count == 2 else { return nil }
        return digits.reduce(UInt8?(0)) { value, digit in
            Character(UnicodeScalar(digit)).hexDigitValue.flatMap { next in
                value.map { $0 << 4 | UInt8(next) }
            }
        }
    }
}
