import Foundation
import Support

@testable import Gateway

/// Public cases for rule engines beside the repository; a machine without them skips the tests that need them.
enum EngineCases {
    static let folder = Repository.root + "/../shared/waf/engine"
    static let isPresent = FileManager.default.fileExists(atPath: folder + "/scenarios.jsonl")

    /// The cases of a file, one on each line.
    static func lines(_ name: String) throws -> [JSONValue] {
        try contents(name).split(separator: 0x0A).map { try JSONReader.read($0, .codePoints) }
    }

    /// The cases of all files of a folder, each an array.
    static func arrays(_ name: String) throws -> [JSONValue] {
        try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(name)")
            .filter { $0.hasSuffix(".json") }.sorted()
            .flatMap {
                try JSONReader.read(contents("\(name)/\($0)")[...], .codePoints).array ?? []
            }
    }

    private static func contents(_ name: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(filePath: "\(folder)/\(name)")))
    }

    /// A line for a command from a case, under other names where the case has other ones.
    static func line(_ row: JSONValue, _ members: (String, JSONValue)...) -> JSONValue {
        guard case .object(let own) = row else { return row }
        return .object(own + members.map { (key: $0.0, value: $0.1) })
    }

    static func latin(_ value: JSONValue?) -> String {
        String(String.UnicodeScalarView((value?.bytes ?? []).map { UnicodeScalar($0) }))
    }
}
