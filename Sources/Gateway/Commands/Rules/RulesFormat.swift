import ArgumentParser
import Rules

extension RuleTools {
    /// `haniel rules fmt`
    struct Format: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "fmt",
            abstract: "Lay out rule files in one way; comments and meaning stay.",
            discussion: """
                An action on each line, id first, chained rules indented. A directive that would not be read as the \
                same keeps its text. With --check nothing is written, and files that would change end it with status 1.
                """
        )

        @Argument(
            help: ArgumentHelp(
                "Rule files, folders or globs; - is standard input.",
                valueName: "path"
            )
        )
        var paths: [String]

        @Flag(name: .long, help: "Only name the files that are not laid out so.")
        var check = false

        func run() throws {
            if paths == ["-"] { return try formatInput() }
            var isDifferent = false
            var hasFailed = false
            for path in RulePaths.expanded(paths).flatMap(RuleSet.files(matching:)) {
                guard let bytes = FileContents.read(path) else {
                    StandardError.write("\(path): cannot be read\n")
                    hasFailed = true
                    continue
                }
                do throws(RuleSetError) {
                    let formatted = try RuleFormatter.format(bytes, name: path)
                    guard formatted != bytes else { continue }
                    isDifferent = true
                    if !check, !FileContents.replace(path, with: formatted) {
                        StandardError.write("\(path): cannot be written\n")
                        hasFailed = true
                        continue
                    }
                } catch {
                    StandardError.write(error.problems.map(FindingText.paragraph).joined())
                    hasFailed = true
                    continue
                }
                try StandardOutput.write("\(path)\n")
            }
            if hasFailed || check && isDifferent { throw ExitCode.failure }
        }

        private func formatInput() throws {
            let bytes = FileContents.read("-") ?? []
            let formatted: [UInt8]
            do throws(RuleSetError) {
                formatted = try RuleFormatter.format(bytes, name: "standard input")
            } catch {
                StandardError.write(error.problems.map(FindingText.paragraph).joined())
                throw ExitCode.failure
            }
            if !check {
                try StandardOutput.write(formatted)
            } else if formatted != bytes {
                throw ExitCode.failure
            }
        }
    }
}
