/// The bytes that go-ftw would send for the input of a stage.
struct RegressionRequest {
    private struct Field {
        let name: String
        let value: [UInt8]
    }

    private static let form = "application/x-www-form-urlencoded"

    private let input: JSONValue
    private var fields: [Field]
    private var data: [UInt8] = []

    static func bytes(of input: JSONValue) -> [UInt8] {
        if let encoded = input["encoded_request"]?.bytes, !encoded.isEmpty {
            return Base64.decode(encoded) ?? []
        }
        return RegressionRequest(input).bytes
    }

    private init(_ input: JSONValue) {
        self.input = input
        fields = Self.fields(of: input)
        if let text = input["data"], !text.isNull {
            data = Self.rendered(text.bytes ?? [])
        } else if let encoded = input["encoded_data"]?.bytes {
            data = Base64.decode(encoded) ?? []
        }
        complete()
    }

    private static func fields(of input: JSONValue) -> [Field] {
        if let ordered = input["ordered_headers"]?.array {
            return ordered.map {
                Field(name: $0["name"]?.text ?? "", value: $0["value"]?.bytes ?? [])
            }
        }
        guard case .object(let members)? = input["headers"] else { return [] }
        return members.map { Field(name: $0.key, value: $0.value.bytes ?? []) }
            .sorted { $0.name < $1.name }
    }

    /// Adds what go-ftw adds, unless the test says that it must not.
    private mutating func complete() {
        var isCompleted = !RegressionExpectation.flag(input["stop_magic"])
        if let flag = input["autocomplete_headers"], !flag.isNull {
            isCompleted = RegressionExpectation.flag(flag)
        }
        if !data.isEmpty, isCompleted {
            if values("content-type").isEmpty {
                fields.append(Field(name: "Content-Type", value: Array(Self.form.utf8)))
            }
            if values("content-type").contains(where: { $0.lowercased() == Self.form }) {
                data = Self.formEncoded(data)
            }
        }
        if values("content-type").contains(where: {
            $0.lowercased().contains("multipart/form-data;")
        }) {
            data = data.split(separator: 0x0A, omittingEmptySubsequences: false)
                .joined(separator: [0x0D, 0x0A]).map { $0 }
        }
        guard isCompleted else { return }
        if values("connection").isEmpty {
            fields.append(Field(name: "Connection", value: Array("close".utf8)))
        }
        if values("content-length").isEmpty, !data.isEmpty || mayHaveBody {
            fields.append(Field(name: "Content-Length", value: Array("\(data.count)".utf8)))
        }
    }

    private func values(_ name: String) -> [String] {
        fields.filter { $0.name.lowercased() == name }.map {
            String(decoding: $0.value, as: UTF8.self)
        }
    }

    private var method: String { input["method"]?.text ?? "GET" }

    private var mayHaveBody: Bool {
        method.hasPrefix("POST") || method.contains("PUT") || method.contains("PATCH")
            || method.hasSuffix("DELETE")
    }

    private var bytes: [UInt8] {
        let target = input["uri"]?.text ?? "/"
        let version = input["version"]?.text ?? "HTTP/1.1"
        var request = Array("\(method) \(target) \(version)\r\n".utf8)
        for field in fields {
            request += field.name.utf8
            request += ": ".utf8
            request += field.value
            request += "\r\n".utf8
        }
        request += "\r\n".utf8
        return request + data
    }

    /// The one construct of Go's templates that tests use: `{{ "x" | repeat N }}`.
    private static func rendered(_ data: [UInt8]) -> [UInt8] {
        guard data.firstRange(of: Array("{{".utf8)) != nil else { return data }
        let text = String(decoding: data, as: UTF8.self)
        let repeats = /\{\{-?\s*"((?:[^"\\]|\\.)*)"\s*\|\s*repeat\s+(\d+)\s*-?\}\}/
        let result = text.replacing(repeats) { match in
            String(repeating: String(match.output.1), count: min(Int(match.output.2) ?? 0, 1 << 20))
        }
        // A template that is not understood makes go-ftw send nothing.
        let rest = /\{\{[\s\S]*\}\}/
        return result.firstMatch(of: rest) == nil ? Array(result.utf8) : []
    }

    /// Escapes the data of a form, unless it is escaped already.
    private static func formEncoded(_ data: [UInt8]) -> [UInt8] {
        if unescaped(data) != data { return data }
        var parts = data.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
        if parts.last?.isEmpty == true { parts.removeLast() }
        let encoded = parts.map { part in
            part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                .map { Array($0.flatMap(escaped)) }.joined(separator: [UInt8(ascii: "=")])
        }
        return Array(encoded.joined(separator: [UInt8(ascii: "&")]))
    }

    private static func escaped(_ byte: UInt8) -> [UInt8] {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: return [byte]
        case 0x20: return [UInt8(ascii: "+")]
        default:
            let digits = String(byte, radix: 16, uppercase: true)
            return Array("%\(digits.count == 1 ? "0" : "")\(digits)".utf8)
        }
    }

    /// The data without its escapes; nil if one is broken.
    private static func unescaped(_ data: [UInt8]) -> [UInt8]? {
        var output: [UInt8] = []
        var index = 0
        while index < data.count {
            if data[index] == UInt8(ascii: "+") {
                output.append(0x20)
            } else if data[index] == UInt8(ascii: "%") {
                guard index + 2 < data.count,
                    let byte = UInt8(
                        String(decoding: data[(index + 1)...(index + 2)], as: UTF8.self),
                        radix: 16
                    )
                else { return nil }
                output.append(byte)
                index += 2
            } else {
                output.append(data[index])
            }
            index += 1
        }
        return output
    }
}
