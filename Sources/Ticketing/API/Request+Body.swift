import HTTPTypes
import Hummingbird

extension Request {
    /// What a link in a mail about an order brings along.
    var mailedKey: String? { uri.queryParameters["key"].map(String.init) }

    /// How much of a body any route reads.
    static let bodyLimitBytes = 64 * 1024

    /// The whole body; throws `body-too-large`.
    func bytes(limit: Int = Request.bodyLimitBytes) async throws -> [UInt8] {
        do {
            let buffer = try await body.collect(upTo: limit)
            return Array(buffer.readableBytesView)
        } catch {
            throw Problem(
                slug: "body-too-large",
                status: 413,
                title: "The request's body is too large."
            )
        }
    }

    /// The body's bytes of a JSON request; throws `unsupported-media-type`. A form of another site cannot send JSON.
    func jsonBytes(limit: Int = Request.bodyLimitBytes) async throws -> [UInt8] {
        guard let type = headers[.contentType], type.lowercased().hasPrefix("application/json")
        else {
            throw Problem(
                slug: "unsupported-media-type",
                status: 415,
                title: "Send application/json."
            )
        }
        return try await bytes(limit: limit)
    }

    /// The fields of a posted HTML form.
    func form() async throws -> FormFields {
        guard let type = headers[.contentType],
            type.lowercased().hasPrefix("application/x-www-form-urlencoded")
        else {
            throw Problem(slug: "unsupported-media-type", status: 415, title: "Send an HTML form.")
        }
        return try FormFields(try await bytes())
    }

    /// What two requests with one idempotency key must share.
    func fingerprint(_ body: [UInt8]) -> [UInt8] {
        Array("\(method.rawValue) \(uri.path)\n".utf8) + body
    }

    /// The client's idempotency key; throws `invalid-body` if it is not a usable one.
    func idempotencyKey(scope: String, body: [UInt8]) throws -> IdempotencyKey? {
        guard let name = HTTPField.Name.idempotencyKey, let text = headers[name] else { return nil }
        guard let key = IdempotencyKey(text, scope: scope, request: fingerprint(body)) else {
            throw Problem.invalidBody("Idempotency-Key has 1 to 100 printable characters")
        }
        return key
    }
}

/// The decoded fields of an HTML form.
struct FormFields: Sendable {
    private static let fieldLimit = 200

    private var values: [String: String] = [:]

    /// Decodes `application/x-www-form-urlencoded`; throws `invalid-body` for anything that is not UTF-8.
    init(_ bytes: [UInt8]) throws(Problem) {
        var count = 0
        for pair in bytes.split(separator: UInt8(ascii: "&")) {
            count += 1
            guard count <= Self.fieldLimit else { throw .invalidBody("too many fields") }
            let parts = pair.split(
                separator: UInt8(ascii: "="),
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            guard let name = Self.decode(parts[0]),
                let value = Self.decode(parts.count > 1 ? parts[1] : [])
            else {
                throw .invalidBody("a field is not text")
            }
            if values[name] == nil { values[name] = value }
        }
    }

    /// The first value of a field; empty if it is absent.
    subscript(_ name: String) -> String { values[name] ?? "" }

    private static func decode(_ bytes: ArraySlice<UInt8>) -> String? {
        var decoded: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): decoded.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                let digits = String(decoding: rest.prefix(2), as: UTF8.self)
                guard rest.count >= 2, let value = Token.bytes(hexadecimal: digits) else {
                    return nil
                }
                decoded += value
                rest = rest.dropFirst(2)
            default: decoded.append(byte)
            }
        }
        return String(validating: decoded, as: UTF8.self)
    }
}
