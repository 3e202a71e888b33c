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
        case .keyNotFound(let key, _): "\(key.stringValue) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context),
            .dataCorrupted(let context):
            context.codingPath.isEmpty
                ? "expected a JSON object"
                : "\(context.codingPath.map(\.stringValue).joined(separator: ".")) is not what it should be"
        @unknown default: "expected JSON"
        }
    }
}
