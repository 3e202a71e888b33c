/// Makes new inputs out of a corpus and the words that matter in its language.
public struct Mutator {
    let corpus: [[UInt8]]
    let words: [[UInt8]]

    public init(corpus: [[UInt8]], words: [[UInt8]]) {
        self.corpus = corpus
        self.words = words
    }

    static let bytes: [UInt8] = [
        0x00, 0x09, 0x0A, 0x0B, 0x0D, 0x1F, 0x20, 0x22, 0x23, 0x25, 0x2A, 0x2C, 0x2E, 0x2F, 0x30,
        0x3A, 0x3B, 0x3D,
        0x3F, 0x40, 0x5B, 0x5C, 0x5D, 0x5F, 0x7E, 0x7F, 0x80, 0xFF,
    ]

    public func input(_ random: inout SplitMix) -> [UInt8] {
        guard !corpus.isEmpty else { return [] }
        var input = corpus[random.below(corpus.count)]
        for _ in 0..<1 + random.below(6) { mutate(&input, &random) }
        return Array(input.prefix(40_000))
    }

    private func mutate(_ input: inout [UInt8], _ random: inout SplitMix) {
        let place = random.below(input.count + 1)
        switch random.below(9) {
        case 0 where place < input.count: input[place] ^= 1 << UInt8(random.below(8))
        case 1 where place < input.count: input[place] = Self.bytes[random.below(Self.bytes.count)]
        case 2: input.insert(Self.bytes[random.below(Self.bytes.count)], at: place)
        case 3, 4: input.insert(contentsOf: words[random.below(words.count)], at: place)
        case 5: input.removeSubrange(place..<min(input.count, place + random.below(12)))
        case 6:
            let end = min(input.count, place + random.below(64))
            input.insert(contentsOf: input[place..<end], at: random.below(input.count + 1))
        case 7:
            let other = corpus[random.below(corpus.count)]
            input.replaceSubrange(
                place..<input.count,
                with: other.suffix(random.below(other.count + 1))
            )
        default:
            // A long run tries the limits.
            guard random.below(50) == 0 else { return }
            let run = [UInt8](
                repeating: Self.bytes[random.below(Self.bytes.count)],
                count: random.below(34_000)
            )
            input.insert(contentsOf: run, at: place)
        }
    }
}
