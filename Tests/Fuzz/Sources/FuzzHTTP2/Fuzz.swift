import Foundation
import FuzzSupport
import HTTP2Checks

/// `fuzz-http2 [COUNT [SEED]]`: COUNT runs of frames, each made from the seed and its own number alone.
///
/// A run that breaks a check is written to FailCases. After a trap, run again with the environment variable
/// `FUZZ_EACH` set: every number is then printed before it runs.
@main
struct Fuzz {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst().map { UInt64($0) ?? 0 }
        let count = arguments.first ?? 100_000
        let seed = arguments.count > 1 ? arguments[1] : 1
        let printsEach = ProcessInfo.processInfo.environment["FUZZ_EACH"] != nil
        var failures = 0
        for number in 0..<count {
            if printsEach { FileHandle.standardError.write(Data("\(number)\n".utf8)) }
            var random = SplitMix(seed: seed &* 0x2545_F491_4F6C_DD1D ^ number)
            let input = FrameMaker().frames(&random)
            do throws(Violation) {
                try checkHTTP2(input, step: 1 + random.below(40))
            } catch {
                failures += 1
                print("\(seed)/\(number): \(error.message)")
                let file = folder.appendingPathComponent("FailCases/http2-\(seed)-\(number).bin")
                try Data(input).write(to: file)
            }
        }
        print("\(count) runs of frames, seed \(seed): \(failures) failures")
        if failures > 0 { exit(1) }
    }
}
