import EdgeChecks
import Foundation

/// `fuzz-edge [COUNT [SEED]]`: COUNT mutated inputs for what comes before HTTP, each made from the seed and its own
/// number alone. An input that breaks a check is written to FailCases.
@main
struct Fuzz {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst().map { UInt64($0) ?? 0 }
        let count = arguments.first ?? 100_000
        let seed = arguments.count > 1 ? arguments[1] : 1
        let corpus = try files()
        var failures = 0
        for number in 0..<count {
            var random = Random(state: seed &* 0x2545_F491_4F6C_DD1D ^ number)
            let input = mutated(corpus, &random)
            do throws(Violation) {
                try checkEdge(input)
            } catch {
                failures += 1
                print("\(seed)/\(number): \(error.message)")
                let file = folder.appendingPathComponent("FailCases/edge-\(seed)-\(number).bin")
                try Data(input).write(to: file)
            }
        }
        print("\(count) inputs, seed \(seed): \(failures) failures")
        if failures > 0 { exit(1) }
    }

    static func files() throws -> [[UInt8]] {
        try FileManager.default.contentsOfDirectory(
            at: folder.appendingPathComponent("Corpus/edge"),
            includingPropertiesForKeys: nil
        )
        .sorted { $0.path < $1.path }
        .map { Array(try Data(contentsOf: $0)) }
    }

    static func mutated(_ corpus: [[UInt8]], _ random: inout Random) -> [UInt8] {
        var input = corpus[random.below(corpus.count)]
        for _ in 0..<random.below(5) {
            let place = random.below(input.count + 1)
            switch random.below(5) {
            case 0 where place < input.count: input[place] ^= 1 << UInt8(random.below(8))
            case 1: input.insert(UInt8(random.below(256)), at: place)
            case 2: input.removeSubrange(place..<min(input.count, place + random.below(9)))
            case 3:
                let other = corpus[random.below(corpus.count)]
                input.replaceSubrange(
                    place..<input.count,
                    with: other.suffix(random.below(other.count + 1))
                )
            default:
                let run = [UInt8](repeating: UInt8(random.below(256)), count: random.below(40))
                input.insert(contentsOf: run, at: place)
            }
        }
        return input
    }
}

/// Steele, Lea and Flood, 2014.
struct Random {
    var state: UInt64

    mutating func below(_ limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ value >> 31) % UInt64(max(1, limit)))
    }
}
