import CPCRE2
import Glibc

/// What PCRE2 needs while it matches: group offsets, limits and a stack. One per worker.
@safe final class Matcher {
    /// Groups a rule can capture: TX.0 to TX.9.
    static let groupLimit = 10
    /// Values up to this length are searched in one call.
    private static let singleCallBytes = 256
    private static let smallestWindowLimit = 8
    /// How many starts one call may try, and what each may cost, as long as a pattern finds the value easy.
    private static let easyWindowLimit = 1_024
    private static let easyMatchLimit: UInt32 = 200
    /// What one window may take for a search to count as cheap.
    private static let easyNanoseconds: UInt64 = 100_000
    /// How long PCRE2 may look for the groups of a match that is certain.
    private static let groupMilliseconds = 2
    private static let keptBytesLimit = 24 << 20

    private let data: OpaquePointer
    private let limits: OpaquePointer
    private let stack: OpaquePointer?
    private let matchLimit: UInt32
    /// A search in linear time; nil where an expression allows for none. It keeps its pattern, for whose address it
    /// stands.
    private struct KnownScanner {
        let pattern: Pattern
        let scanner: LinearScanner?
    }

    private static let scannerLimit = 1_024

    /// Made when a long value first asks for them.
    private var scanners: [ObjectIdentifier: KnownScanner] = [:]
    private var keptBytes = 0
    /// Groups that the last match can have set; what lies behind is left from earlier.
    var groupCount = 0

    init(matchLimit: UInt32) {
        guard let data = unsafe pcre2_match_data_create_8(UInt32(Matcher.groupLimit), nil),
            let limits = unsafe pcre2_match_context_create_8(nil)
        else {
            preconditionFailure("no memory for match data")
        }
        unsafe self.data = data
        self.matchLimit = matchLimit
        unsafe self.limits = limits
        unsafe stack = pcre2_jit_stack_create_8(32_768, 1_048_576, nil)
        unsafe pcre2_set_match_limit_8(limits, matchLimit)
        if let stack = unsafe stack {
            unsafe pcre2_jit_stack_assign_8(limits, nil, UnsafeMutableRawPointer(stack))
        }
    }

    deinit {
        unsafe pcre2_match_data_free_8(data)
        unsafe pcre2_match_context_free_8(limits)
        if let stack = unsafe stack { unsafe pcre2_jit_stack_free_8(stack) }
    }

    @unsafe var matchData: OpaquePointer { unsafe data }
    @unsafe var context: OpaquePointer { unsafe limits }

    @unsafe func setLastStart(_ offset: Int) { unsafe pcre2_set_offset_limit_8(limits, offset) }

    /// Searches a value. A long one is searched by PCRE2 as long as that is cheap, then in linear time; only
    /// what is known to match goes back to PCRE2, for its groups.
    func search(_ pattern: Pattern, _ value: ByteView, _ budget: inout TimeBudget)
        -> Pattern.Outcome
    {
        if value.count <= Matcher.singleCallBytes {
            return pattern.search(value, starts: 0..<value.count, self)
        }
        let easy = searchEasily(pattern, value)
        guard easy == .limitReached else { return easy }
        switch scan(pattern, value, &budget) {
        case nil: return searchWindows(pattern, value, &budget)
        case .noMatch?: return .noMatch
        case .limitReached?: return .limitReached
        case .match?:
            var groupBudget = TimeBudget(milliseconds: Matcher.groupMilliseconds)
            let outcome = searchWindows(pattern, value, &groupBudget)
            guard outcome == .limitReached else { return outcome }
            groupCount = 0
            return .match
        }
    }

    /// The first match at or behind `first`, for those who look for one after another.
    func search(
        _ pattern: Pattern,
        _ value: ByteView,
        from first: Int,
        _ budget: inout TimeBudget
    ) -> Pattern.Outcome {
        let easy = searchEasily(pattern, value, from: first)
        guard easy == .limitReached else { return easy }
        return searchWindows(pattern, value, from: first, &budget)
    }

    /// A search that gives up as soon as it turns out not to be cheap: in windows of start offsets, since
    /// the match limit counts for each start alone, and what one counts as a step may take time in
    /// proportion to the length.
    private func searchEasily(_ pattern: Pattern, _ value: ByteView, from first: Int = 0)
        -> Pattern.Outcome
    {
        unsafe pcre2_set_match_limit_8(limits, min(matchLimit, Matcher.easyMatchLimit))
        defer { unsafe pcre2_set_match_limit_8(limits, matchLimit) }
        var start = first
        var window = 1
        pattern.prepare()
        var before = TimeBudget.now()
        while start <= value.count {
            let end = min(start + window - 1, value.count)
            let outcome = pattern.search(value, starts: start..<end, self)
            if outcome != .noMatch { return outcome }
            start = end + 1
            let now = TimeBudget.now()
            guard now &- before < Matcher.easyNanoseconds else { return .limitReached }
            before = now
            window = min(window * 4, Matcher.easyWindowLimit)
        }
        return .noMatch
    }

    /// Whether the pattern matches, in linear time; nil if it is none for an automaton.
    private func scan(_ pattern: Pattern, _ value: ByteView, _ budget: inout TimeBudget)
        -> LinearScanner.Outcome?
    {
        guard let scanner = scanner(for: pattern) else { return nil }
        let before = scanner.keptBytes
        let outcome = scanner.search(value, &budget)
        keptBytes += scanner.keptBytes - before
        if keptBytes > Matcher.keptBytesLimit { forgetScanners() }
        return outcome
    }

    private func scanner(for pattern: Pattern) -> LinearScanner? {
        let key = ObjectIdentifier(pattern)
        if let known = scanners[key] { return known.scanner }
        if scanners.count >= Matcher.scannerLimit { forgetScanners() }
        let made = LinearProgram(pattern.expression).map(LinearScanner.init)
        scanners[key] = KnownScanner(pattern: pattern, scanner: made)
        return made
    }

    private func forgetScanners() {
        scanners.removeAll()
        keptBytes = 0
    }

    /// Searches a value whatever each start costs: between windows of start offsets the budget is looked at, so that no
    /// pattern can hold the worker for long.
    private func searchWindows(
        _ pattern: Pattern,
        _ value: ByteView,
        from first: Int = 0,
        _ budget: inout TimeBudget
    ) -> Pattern.Outcome {
        var start = first
        var window = 1
        while start <= value.count {
            let end = min(start + window - 1, value.count)
            let outcome = pattern.search(value, starts: start..<end, self)
            if outcome != .noMatch { return outcome }
            start = end + 1
            if start <= value.count {
                guard budget.isLeft else { return .limitReached }
                let limit = Matcher.windowLimit(value.count - start)
                window = budget.isAmple ? min(window * 4, limit) : 1
            }
        }
        return .noMatch
    }

    /// How many starts one call may try, `left` bytes before the end: one start may take time with the square of what
    /// is left, and the worst patterns of the Core Rule Set take 6 ms at 8,192 bytes.
    private static func windowLimit(_ left: Int) -> Int {
        let eighths = max(8_192 / max(left, 128), 1)
        return smallestWindowLimit * eighths * eighths
    }

    /// Where group `index` of the last match stands, if it took part.
    func group(_ index: Int) -> Range<Int>? {
        guard index < min(groupCount, Matcher.groupLimit),
            let offsets = unsafe pcre2_get_ovector_pointer_8(data)
        else { return nil }
        let start = unsafe offsets[index * 2]
        let end = unsafe offsets[index * 2 + 1]
        return start <= end && end != Int.max && start >= 0 ? start..<end : nil
    }
}
