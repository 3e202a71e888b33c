/// A JSON document. Strings are bytes: the code points 0 to 255 of the text, or its UTF-8.
indirect enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case bytes([UInt8])
    case array([JSONValue])
    /// In the order written.
    case object([(key: String, value: JSONValue)])

    /// A string whose bytes are the text's UTF-8.
    static func text(_ text: String) -> JSONValue { .bytes(Array(text.utf8)) }

    static func optional(_ value: Int?) -> JSONValue { value.map(JSONValue.integer) ?? .null }
    static func optional(_ value: String?) -> JSONValue { value.map(JSONValue.text) ?? .null }

    /// The member of an object; nil if there is none, or if this is no object.
    subscript(_ key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    var bytes: [UInt8]? {
        switch self {
        case .bytes(let bytes): bytes
        case .integer(let number): Array("\(number)".utf8)
        default: nil
        }
    }

    var text: String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

    var integer: Int? {
        switch self {
        case .integer(let number): number
        case .bytes(let bytes): Int(String(decoding: bytes, as: UTF8.self))
        default: nil
        }
    }

    var bool: Bool? {
        switch self {
        case .bool(let flag): flag
        case .integer(let number): number != 0
        default: nil
        }
    }

    var array: [JSONValue]? { if case .array(let members) = self { members } else { nil } }

    var isNull: Bool { if case .null = self { true } else { false } }
}

extension JSONValue {
    /// The text of the document on one line. Bytes beyond ASCII are written as `\u00XX`.
    var line: [UInt8] { line(.codePoints) }

    /// The same; with `.utf8`, strings are UTF-8 already and stay it.
    func line(_ strings: JSONReader.Strings) -> [UInt8] {
        var output: [UInt8] = []
        write(to: &output, strings)
        return output
    }

    private func write(to output: inout [UInt8], _ strings: JSONReader.Strings) {
        switch self {
        case .null: output += "null".utf8
        case .bool(let flag): output += (flag ? "true" : "false").utf8
        case .integer(let number): output += "\(number)".utf8
        case .number(let number): output += "\(number)".utf8
        case .bytes(let bytes): JSONValue.write(bytes, to: &output, strings)
        case .array(let members):
            output.append(UInt8(ascii: "["))
            for (index, member) in members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                member.write(to: &output, strings)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                JSONValue.write(Array(member.key.utf8), to: &output, strings)
                output.append(UInt8(ascii: ":"))
                member.value.write(to: &output, strings)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    /// A text as a JSON string, quotes and all.
    static func quoted(_ text: String) -> String {
        String(decoding: JSONValue.text(text).line(.utf8), as: UTF8.self)
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)

    private static func write(
        _ bytes: [UInt8],
        to output: inout [UInt8],
        _ strings: JSONReader.Strings
    ) {
        output.append(UInt8(ascii: "\""))
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                output.append(UInt8(ascii: "\\"))
                output.append(byte)
            case 0x20..<0x7F: output.append(byte)
            case 0x80... where strings == .utf8: output.append(byte)
            case 0x0A: output += "\\n".utf8
            default:
                output += "\\u00".utf8
                output.append(hexDigits[Int(byte >> 4)])
                output.append(hexDigits[Int(byte & 15)])
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}
