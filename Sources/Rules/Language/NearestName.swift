/// Finds what an author probably meant by an unknown word.
enum NearestName {
    /// The candidate with the fewest edits, if it is near enough to be a slip.
    ///
    /// - Parameter editLimit: how many letters may differ; by default more in longer words.
    static func of(_ word: String, in candidates: some Sequence<String>, editLimit: Int? = nil)
        -> String?
    {
        let limit = editLimit ?? max(1, min(3, word.utf8.count / 3))
        var best: (name: String, distance: Int)?
        for candidate in candidates {
            let distance = editDistance(
                Array(word.lowercased().utf8),
                Array(candidate.lowercased().utf8)
            )
            if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.name
    }

    /// A hint naming the candidate; empty if none is near.
    static func hint(_ word: String, in candidates: some Sequence<String>, prefix: String = "")
        -> String
    {
        of(word, in: candidates).map { "did you mean `\(prefix)\($0)`?" } ?? ""
    }

    private static func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var previous = Array(0...right.count)
        for (row, byte) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                let replaced = previous[column] + (byte == other ? 0 : 1)
                current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[right.count]
    }
}
