/// The little that must survive a restart of a queue kept in process: written each second, read at start.
struct QueueRecord: Hashable, Sendable {
    let epoch: Int64
    let serving: Int64
    let tail: Int64
    let spent: SpentPositions

    init(epoch: Int64, serving: Int64, tail: Int64, spent: SpentPositions) {
        self.epoch = epoch
        self.serving = serving
        self.tail = tail
        self.spent = spent
    }

    /// One line of text: a version, three numbers, and the used numbers as words of bits from the first that counts.
    var text: String {
        let words = spent.words.map { " " + String($0, radix: 16) }.joined()
        return "v1 \(epoch) \(serving) \(tail) \(spent.firstWord)\(words)\n"
    }

    /// Parses `text`; nil if it is no such line or its numbers cannot be.
    init?(text: String) {
        guard text.hasSuffix("\n") else { return nil }
        let fields = text.dropLast().split(separator: " ", omittingEmptySubsequences: false)
        guard fields.count >= 5, fields[0] == "v1",
            let epoch = Int64(fields[1]), let serving = Int64(fields[2]),
            let tail = Int64(fields[3]),
            let firstWord = Int64(fields[4]),
            epoch >= 0, serving >= 0, serving <= tail, tail < 1 << 40,
            (0...tail / 64 + 1).contains(firstWord)
        else { return nil }
        let words = fields[5...].compactMap { UInt64($0, radix: 16) }
        guard words.count == fields.count - 5, Int64(words.count) <= tail / 64 + 1 - firstWord
        else { return nil }
        self.init(
            epoch: epoch,
            serving: serving,
            tail: tail,
            spent: SpentPositions(firstWord: firstWord, words: words)
        )
    }
}
