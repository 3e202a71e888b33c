import Foundation
import HTTPTypes
import Hummingbird

@testable import Ticketing

/// What the service can be asked: as its description says, and as it is.
enum APIDescription {
    struct Operation: Sendable, Hashable {
        let method: String
        /// With the names of its parameters in braces.
        let path: String

        /// Whether the other one's paths are also ours: a parameter stands for anything.
        func covers(_ other: Operation) -> Bool {
            let parts = path.split(separator: "/")
            let others = other.path.split(separator: "/")
            return method == other.method && parts.count == others.count
                && zip(parts, others).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
        }

        /// The path with values in the place of its parameters; those without one become 1.
        func path(with values: [String: String]) -> String {
            path.replacing(/\{([a-z]+)\}/) { values[String($0.1)] ?? "1" }
        }
    }

    /// Every operation that the description names.
    static func described() throws -> [Operation] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(
            contentsOf: root.appending(path: "docs/openapi.yaml"),
            encoding: .utf8
        )
        var path = ""
        var operations: [Operation] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("  /api/") { path = String(line.dropFirst(2).dropLast()) }
            let word = line.dropFirst(4)
            guard line.hasPrefix("    "), ["get:", "post:", "patch:", "delete:"].contains(word)
            else {
                continue
            }
            operations.append(Operation(method: word.dropLast().uppercased(), path: path))
        }
        return operations
    }

    /// Every operation that a shop has, pages among them.
    static func routed(_ shop: Shop) throws -> [Operation] {
        ShopRouter(shop: shop, pages: try Pages()).router().routes.map {
            Operation(method: $0.method.rawValue, path: $0.path.description)
        }
    }
}
