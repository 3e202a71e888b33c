/// Reads the flat JSON object that a session store answers with. Strict, and no more than that object needs.
///
/// The store is trusted but its text is bytes from a network: what is not exactly such an object is no session.
enum SessionDocument {
    /// The session; nil if `bytes` are not an object with the members `sub`, `sid`, `role` and `exp`.
    static func parse(_ bytes: [UInt8]) -> Session? {
        var reader = FlatJSONReader(bytes)
        guard bytes.count <= 4096, let members = reader.readObject(),
            case .text(let subject) = members["sub"], case .text(let id) = members["sid"],
            case .text(let role) = members["role"], case .number(let expiresAt) = members["exp"]
        else { return nil }
        return Session(subject: subject, id: id, role: role, expiresAt: expiresAt)
    }
}

/// A reader of JSON objects whose members are strings, whole numbers, booleans or null.
struct FlatJSONReader {
    /// A member's value.
    enum Value: Equatable {
        case text(String)
        case number(Int)
        case other
    }

    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The members of the object that `bytes` are; nil if they are anything else, or name a member twice.
    mutating func readObject() -> [String: Value]? {
        var members: [String: Value] = [:]
        guard take("{") else { return nil }
        if take("}") { return atEnd ? members : nil }
        repeat {
            guard let name = readString(), take(":"), let value = readValue() else { return nil }
            guard members.updateValue(value, forKey: name) == nil else { return nil }
        } while take(",")
        return take("}") && atEnd ? members : nil
    }

    private var atEnd: Bool {
        mutating get {
            skipBlanks()
            return index == bytes.count
        }
    }

    private mutating func readValue() -> Value? {
        skipBlanks()
        guard index < bytes.count else { return nil }
        if bytes[index] == UInt8(ascii: "\"") { return readString().map(Value.text) }
        let start = index
        while index < bytes.count, !",}".utf8.contains(bytes[index]), bytes[index] > 0x20 {
            index += 1
        }
        let word = String(decoding: bytes[start..<index], as: UTF8.self)
        if ["true", "false", "null"].contains(word) { return .other }
        // JSON knows one spelling of a whole number: no plus sign, no leading zero.
        return Int(word).flatMap { "\($0)" == word ? .number($0) : nil }
    }

    private mutating func readString() -> String? {
        guard take("\"") else { return nil }
        var text: [UInt8] = []
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard index < bytes.count, #""\/"#.utf8.contains(bytes[index]) else { return nil }
                text.append(bytes[index])
                index += 1
            case 0..<0x20: return nil
            default: text.append(byte)
            }
        }
        return nil
    }

    private mutating func take(_ character: Character) -> Bool {
        skipBlanks()
        guard index < bytes.count, bytes[index] == character.asciiValue else { return false }
        index += 1
        return true
    }

    private mutating func skipBlanks() {
        while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
    }
}
