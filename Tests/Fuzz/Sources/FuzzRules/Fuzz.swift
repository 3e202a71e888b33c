import Foundation
import FuzzSupport
import RulesChecks

/// `fuzz-rules TARGET [COUNT [SEED [FIRST]]]`: COUNT mutated inputs, each made from the seed and its own number alone;
/// TARGET `all` runs every one in turn. Targets that compile rules for each input take fewer.
///
/// An input that breaks a check is written to FailCases. After a trap, run again from the last number printed with a
/// COUNT of 1000 and the environment variable `FUZZ_EACH` set.
@main
struct Fuzz {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func main() throws {
        let words = Array(CommandLine.arguments.dropFirst())
        let targets = RuleTarget.allCases.filter {
            words.first == "all" || words.first == $0.rawValue
        }
        guard !targets.isEmpty else {
            print(
                "fuzz-rules all|\(RuleTarget.allCases.map(\.rawValue).joined(separator: "|")) [COUNT [SEED [FIRST]]]"
            )
            exit(2)
        }
        let numbers = words.dropFirst().map { UInt64($0) ?? 0 }
        var failures = 0
        for target in targets {
            failures += try run(
                target,
                count: max(1, (numbers.first ?? 100_000) / target.cost),
                seed: numbers.count > 1 ? numbers[1] : 1,
                first: numbers.count > 2 ? numbers[2] : 0
            )
        }
        if failures > 0 { exit(1) }
    }

    private static func run(_ target: RuleTarget, count: UInt64, seed: UInt64, first: UInt64) throws
        -> Int
    {
        let printsEach = ProcessInfo.processInfo.environment["FUZZ_EACH"] != nil
        let mutator = Mutator(corpus: Seeds.corpus(target), words: Seeds.words)
        var failures = 0
        for number in first..<first + count {
            if printsEach || number % 100_000 == 0 {
                FileHandle.standardError.write(Data("\(target) \(number)\n".utf8))
            }
            var random = SplitMix(seed: seed &* 0x2545_F491_4F6C_DD1D ^ number)
            let input =
                target.isMadeOfChoices
                ? (0..<random.below(1_000)).map { _ in
                    UInt8.random(in: .min ... .max, using: &random)
                }
                : Array(mutator.input(&random).prefix(4_000))
            do throws(RuleViolation) {
                try target.check(input)
            } catch {
                failures += 1
                print("\(target) \(seed)/\(number): \(error.message)")
                let name = "FailCases/rules-\(target)-\(seed)-\(number).bin"
                try Data(input).write(to: folder.appendingPathComponent(name))
                if failures >= 20 { return failures }
            }
        }
        print("\(target): \(count) inputs, seed \(seed), from \(first): \(failures) failures")
        return failures
    }
}
