/// Decisions that an input makes one after the other; what comes behind its end is always the first of the ways.
struct Choices {
    private let bytes: [UInt8]
    private var next = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// A number below `count`.
    mutating func below(_ count: Int) -> Int {
        guard next < bytes.count, count > 1 else { return 0 }
        next += 1
        return Int(bytes[next - 1]) % count
    }

    mutating func one<Way>(of ways: [Way]) -> Way { ways[below(ways.count)] }
}
