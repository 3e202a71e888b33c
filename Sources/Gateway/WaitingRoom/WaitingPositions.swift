/// Until when each place in line counts as alive, from the head to the tail: eight bytes per place.
struct WaitingPositions: Sendable {
    /// The place before the first.
    private(set) var serving: Int64
    private var aliveUntil: [Int64] = []
    /// Entries of `aliveUntil` that were served already.
    private var servedCount = 0

    init(serving: Int64) { self.serving = serving }

    /// Until when each place counts as alive, from the head to the tail.
    var times: [Int64] { aliveUntil[servedCount...].map { max($0, 0) } }

    var tail: Int64 { serving + Int64(aliveUntil.count - servedCount) }

    mutating func append(aliveUntil time: Int64) { aliveUntil.append(Self.whole(time)) }

    /// Appends so many places at once.
    mutating func append(count: Int64, aliveUntil time: Int64) {
        aliveUntil += repeatElement(Self.whole(time), count: Int(clamping: max(count, 0)))
    }

    /// How many are alive now in each part of the line, numbers that nobody was given left out.
    func profile(now: Int64, unused: UnusedNumbers) -> CrowdProfile {
        var times: ArraySlice<Int64> = []
        var next = servedCount
        for stretch in unused.stretches {
            times += aliveUntil[next..<max(index(behind: stretch.after), next)]
            next = max(index(behind: stretch.through), next)
        }
        times = next == servedCount ? aliveUntil[next...] : times + aliveUntil[next...]
        let partCount = Int(CrowdProfile.partCount)
        let step = max((times.count + partCount - 1) / partCount, 1)
        let parts = stride(from: times.startIndex, to: times.endIndex, by: step).map { first in
            times[first..<min(first + step, times.endIndex)].count { $0 > now }
        }
        return CrowdProfile(
            start: serving,
            step: Int64(step),
            places: Int64(times.count),
            parts: parts.map(Int64.init),
            unused: unused
        )
    }

    /// Where what lies behind this place begins.
    private func index(behind position: Int64) -> Int {
        servedCount + Int(min(max(position - serving, 0), Int64(aliveUntil.count - servedCount)))
    }

    /// Appends places as another line had them.
    mutating func append(times: [Int64]) { aliveUntil += times.map(Self.whole) }

    /// Times are kept to a tenth of a second, rounded up, as Redis keeps them.
    static func whole(_ time: Int64) -> Int64 { time > 0 ? (time + 99) / 100 * 100 : 0 }

    /// Notes that somebody at this place was seen; places outside the line are ignored.
    mutating func mark(_ position: Int64, aliveUntil time: Int64) {
        guard position > serving, position <= tail else { return }
        let index = servedCount + Int(position - serving - 1)
        guard aliveUntil[index] != Self.forgotten else { return }
        aliveUntil[index] = max(aliveUntil[index], Self.whole(time))
    }

    /// Takes out so many places at once: numbers that nobody was given.
    mutating func skip(_ count: Int64) {
        let count = min(max(count, 0), Int64(aliveUntil.count - servedCount))
        servedCount += Int(count)
        serving += count
    }

    /// Leaves a place out when the line comes to it: it was given up, or called up before the line.
    mutating func forget(_ position: Int64) {
        guard position > serving, position <= tail else { return }
        aliveUntil[servedCount + Int(position - serving - 1)] = Self.forgotten
    }

    /// Whether a place in line was left out.
    func isForgotten(_ position: Int64) -> Bool {
        guard position > serving, position <= tail else { return false }
        return aliveUntil[servedCount + Int(position - serving - 1)] == Self.forgotten
    }

    /// Those who did not come again when they were to, though nothing says that they gave up.
    func silent(now: Int64) -> PositionBits {
        var bits = PositionBits(firstWord: (serving + 1) / 64, words: [])
        for index in servedCount..<aliveUntil.count where aliveUntil[index] <= now {
            bits.insert(serving + 1 + Int64(index - servedCount))
        }
        return bits
    }

    /// Counts somebody in line as one who is not there, until seen again.
    mutating func silence(_ position: Int64) {
        guard position > serving, position <= tail else { return }
        aliveUntil[servedCount + Int(position - serving - 1)] = 0
    }

    /// Stands for a place that is not to be called up from the line, seen or not.
    private static let forgotten: Int64 = -1

    /// Takes the first place out of the line and says until when it is alive.
    mutating func serveNext() -> Int64? {
        guard servedCount < aliveUntil.count else { return nil }
        let time = aliveUntil[servedCount]
        servedCount += 1
        serving += 1
        if servedCount > 4_096, servedCount * 2 > aliveUntil.count {
            aliveUntil.removeFirst(servedCount)
            servedCount = 0
        }
        return time
    }
}
