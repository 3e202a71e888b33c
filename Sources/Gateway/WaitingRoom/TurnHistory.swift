/// When turns came, second by second, to know which places are past their grace.
///
/// Places passed over are not kept one by one: a place whose turn came is good until its second is older than the
/// grace, so a million bots that never come back cost nothing here.
struct TurnHistory: Sendable {
    private var seconds: [(second: Int64, serving: Int64)] = []
    /// Every number up to this one is past its grace.
    private(set) var floor: Int64

    init(floor: Int64) { self.floor = floor }

    mutating func record(serving: Int64, now: Int64) {
        let second = now / 1_000
        if let last = seconds.last, last.second >= second {
            seconds[seconds.count - 1].serving = serving
        } else {
            seconds.append((second, serving))
        }
    }

    mutating func expire(at now: Int64, graceMilliseconds: Int64) {
        let count = seconds.prefix { ($0.second + 1) * 1_000 + graceMilliseconds <= now }.count
        guard count > 0 else { return }
        floor = max(floor, seconds[count - 1].serving)
        seconds.removeFirst(count)
    }
}
