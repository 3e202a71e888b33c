import Foundation
import FuzzSupport
import HTTP1Checks

/// `fuzz-http1 [COUNT [SEED [FIRST]]]`: COUNT mutated inputs, each made from the seed and its own number alone.
///
/// An input that breaks a check is written to FailCases. After a trap, run again from the last number printed with a
/// COUNT of 1000 and the environment variable `FUZZ_EACH` set: every number is then printed before it runs.
@main
struct Fuzz {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst().map { UInt64($0) ?? 0 }
        let count = arguments.first ?? 100_000
        let seed = arguments.count > 1 ? arguments[1] : 1
        let first = arguments.count > 2 ? arguments[2] : 0
        let printsEach = ProcessInfo.processInfo.environment["FUZZ_EACH"] != nil
        let mutator = Mutator(corpus: try corpus(), words: Words.all)
        var failures = 0
        for number in first..<first + count {
            if printsEach || number % 100_000 == 0 {
                FileHandle.standardError.write(Data("\(number)\n".utf8))
            }
            var random = SplitMix(seed: seed &* 0x2545_F491_4F6C_DD1D ^ number)
            let input = mutator.input(&random)
            do throws(Violation) {
                try checkHTTP1(input, step: 1 + random.below(number % 16 == 0 ? 1 : 90))
            } catch {
                failures += 1
                try report(error, input, seed: seed, number: number)
            }
        }
        print("\(count) inputs, seed \(seed), from \(first): \(failures) failures")
        if failures > 0 { exit(1) }
    }

    /// The corpus, and what failed before.
    static func corpus() throws -> [[UInt8]] {
        try ["Corpus/http1", "FailCases"].flatMap { name in
            try FileManager.default.contentsOfDirectory(
                at: folder.appendingPathComponent(name),
                includingPropertiesForKeys: nil
            )
            .filter { $0.pathExtension == "bin" }
            .sorted { $0.path < $1.path }
            .map { Array(try Data(contentsOf: $0)) }
        }
    }

    static func report(_ violation: Violation, _ input: [UInt8], seed: UInt64, number: UInt64)
        throws
    {
        print("\(seed)/\(number): \(violation.message)")
        let file = folder.appendingPathComponent("FailCases/http1-\(seed)-\(number).bin")
        try Data(input).write(to: file)
    }
}
