import FoundationEssentials

/// JSON as the service speaks it: keys in snake case and sorted, so that equal values are equal bytes.
enum JSON {
    /// The bytes of `value`. Our own answers always encode; a value that could not is answered as `null`.
    static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        guard let data = try? encoder.encode(value) else { return Array("null".utf8) }
        return Array(data)
    }

    /// Reads a value, or says what is wrong with the text.
    static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws(Problem)
        -> Value
    {
        do {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw .invalidBody(Self.explain(error))
        } catch {
            throw .invalidBody("expected JSON")
        }
    }

    private static func explain(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context):
            "\(path(context.codingPath + [key])) is missing"
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            "expected JSON, in which all numbers are whole"
        case .typeMismatch(_, let context), .valueNotFound(_, let context),
            .dataCorrupted(let context):
            context.codingPath.isEmpty
                ? "expected a JSON object"
                : "\(path(context.codingPath)) is not what it should be"
        @unknown default: "expected JSON"
        }
    }

    /// Where something is, as in `tiers[0].max_uses`: by the names on the wire, of which the decoder knows
    /// its own form.
    private static func path(_ keys: [any CodingKey]) -> String {
        keys.reduce(into: "") { path, key in
            if let index = key.intValue {
                path += "[\(index)]"
            } else {
                let name = key.stringValue.map { $0.isUppercase ? "_\($0.lowercased())" : "\($0)" }
                path += (path.isEmpty ? "" : ".") + name.joined()
            }
        }
    }
}
