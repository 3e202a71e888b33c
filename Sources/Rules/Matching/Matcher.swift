import CPCRE2
import Glibc

/// What PCRE2 needs while it matches: group offsets, limits and a stack. One per worker.
@safe final class Matcher {
    /// Groups a rule can capture: TX.0 to TX.9.
    static let groupLimit = 10
    /// Values up to this length are searched in one call.
    private static let singleCallBytes = 256
    private static let smallestWindowLimit = 8
    private static let firstWindowStarts = 16
    /// How many starts one call may try, and what each may cost, as long as a pattern finds the value easy.
    private static let easyWindowLimit = 1_024
    private static let easyMatchLimit: UInt32 = 200

    private let data: OpaquePointer
    private let limits: OpaquePointer
    private let stack: OpaquePointer?
    private let matchLimit: UInt32
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

    /// Searches a value. A long one is searched in windows of start offsets, since the match limit counts for each
    /// start alone: between windows the budget is looked at, so that no pattern can hold the worker for long. Windows
    /// are wide as long as each start is cheap; the first that is not makes them narrow.
    func search(_ pattern: Pattern, _ value: ByteView, _ budget: inout TimeBudget)
        -> Pattern.Outcome
    {
        if value.count <= Matcher.singleCallBytes {
            return pattern.search(value, starts: 0..<value.count, self)
        }
        var start = 0
        var window = Matcher.firstWindowStarts
        var isCautious = false
        defer { unsafe pcre2_set_match_limit_8(limits, matchLimit) }
        while start <= value.count {
            let end = min(start + window - 1, value.count)
            unsafe pcre2_set_match_limit_8(
                limits,
                isCautious ? matchLimit : min(matchLimit, Matcher.easyMatchLimit)
            )
            let outcome = pattern.search(value, starts: start..<end, self)
            if outcome == .limitReached, !isCautious {
                isCautious = true
                window = 1
                continue
            }
            if outcome != .noMatch { return outcome }
            start = end + 1
            if start <= value.count {
                guard budget.isLeft else { return .limitReached }
                let limit =
                    isCautious ? Matcher.windowLimit(value.count - start) : Matcher.easyWindowLimit
                window = budget.isAmple ? min(window * 4, limit) : 1
                isCautious = isCautious || !budget.isAmple
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
