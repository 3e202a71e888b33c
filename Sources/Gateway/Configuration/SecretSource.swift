import Foundation

/// What `${…}` in a configuration stands for: `${NAME}` and `${NAME:-default}` from the environment, `${file:PATH}` for
/// the first line of a file. `$${` is a plain `${`.
struct SecretSource: Sendable {
    var environment: [String: String]
    /// The text of a file, or nil if it cannot be read.
    var contents: @Sendable (String) -> String?

    /// The environment and files of this process.
    static var process: SecretSource {
        SecretSource(environment: ProcessInfo.processInfo.environment) { path in
            FileManager.default.contents(atPath: path).flatMap {
                String(validating: $0, as: UTF8.self)
            }
        }
    }

    /// The text with every `${…}` replaced.
    func expanded(_ text: String) throws(Misfit) -> String {
        var result = ""
        var rest = Substring(text)
        while let dollar = rest.firstRange(of: "${") {
            result += rest[..<dollar.lowerBound]
            if result.hasSuffix("$") {
                result += "{"
                rest = rest[dollar.upperBound...]
                continue
            }
            guard let end = rest[dollar.upperBound...].firstIndex(of: "}") else {
                throw Misfit(
                    code: .badInterpolation,
                    expected: "a `}` after `${`",
                    hint: "write $${ for a plain ${"
                )
            }
            result += try value(of: rest[dollar.upperBound..<end])
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    private func value(of reference: Substring) throws(Misfit) -> String {
        if reference.hasPrefix("file:") {
            let path = String(reference.dropFirst(5))
            guard let line = contents(path)?.split(whereSeparator: \.isNewline).first else {
                throw Misfit(
                    code: .unreadableSecret,
                    expected: "a readable file with a line of text at \(path)"
                )
            }
            return String(line)
        }
        let fallback = reference.firstRange(of: ":-")
        let name = String(reference[..<(fallback?.lowerBound ?? reference.endIndex)])
        if let value = environment[name], !(value.isEmpty && fallback != nil) { return value }
        if let fallback { return String(reference[fallback.upperBound...]) }
        let near =
            nearestName(to: name, among: environment.keys.sorted()).map {
                "did you mean `${\($0)}`? "
            } ?? ""
        throw Misfit(
            code: .unsetVariable,
            expected: "the environment variable \(name) to be set",
            hint: near + "write ${\(name):-value} to give a default"
        )
    }
}
