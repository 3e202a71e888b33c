import CPCRE2
import Synchronization

/// A compiled regular expression on bytes: DOTALL, DOLLAR_ENDONLY, no UTF mode.
///
/// The first search makes its machine code: most expressions of a rule set never search anything, and their machine
/// code, which PCRE2 keeps in memory of its own, would grow with every reload.
///
/// Unchecked because of the pointers: PCRE2 only reads compiled code while matching, so that all workers share it.
@safe final class Pattern: @unchecked Sendable {
    /// Why an expression was refused, and where.
    struct Failure: Error {
        let message: String
        let offset: Int
    }

    enum Outcome: Equatable {
        case match, noMatch
        /// The match limit was reached: the value is neither.
        case limitReached
    }

    private let code: OpaquePointer
    /// A copy of the code with its machine code, once something was searched.
    private let machineCode = unsafe Atomic<OpaquePointer?>(nil)
    /// The expression as written.
    let expression: [UInt8]
    let groupCount: Int

    init(_ expression: [UInt8]) throws(Failure) {
        var status: Int32 = 0
        var offset = 0
        let options = PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY | PCRE2_USE_OFFSET_LIMIT
        let compiled = unsafe expression.withUnsafeBufferPointer { bytes in
            unsafe pcre2_compile_8(bytes.baseAddress, bytes.count, options, &status, &offset, nil)
        }
        guard let compiled = unsafe compiled else {
            throw Failure(message: Pattern.message(status), offset: offset)
        }
        unsafe code = compiled
        self.expression = expression
        var count: UInt32 = 0
        unsafe pcre2_pattern_info_8(compiled, UInt32(PCRE2_INFO_CAPTURECOUNT), &count)
        groupCount = Int(count)
    }

    deinit {
        unsafe pcre2_code_free_8(code)
        unsafe pcre2_code_free_8(machineCode.load(ordering: .acquiring))
    }

    /// Makes the machine code now, so that the time of a search is the search's; false if none can be made, and the
    /// interpreter runs.
    @discardableResult
    func prepare() -> Bool {
        var byteCount = 0
        unsafe pcre2_pattern_info_8(fastest, UInt32(PCRE2_INFO_JITSIZE), &byteCount)
        return byteCount > 0
    }

    private var fastest: OpaquePointer {
        unsafe machineCode.load(ordering: .acquiring) ?? makeMachineCode()
    }

    /// Compiles a copy, since other workers may be reading the code itself; the first copy of all workers stays.
    private func makeMachineCode() -> OpaquePointer {
        guard let copy = unsafe pcre2_code_copy_8(code) else { return unsafe code }
        unsafe pcre2_jit_compile_8(copy, PCRE2_JIT_COMPLETE)
        let made = unsafe machineCode.compareExchange(
            expected: nil,
            desired: copy,
            ordering: .acquiringAndReleasing
        )
        guard let first = unsafe made.original else { return unsafe copy }
        unsafe pcre2_code_free_8(copy)
        return unsafe first
    }

    private static func message(_ status: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let length = unsafe pcre2_get_error_message_8(status, &buffer, buffer.count)
        return length > 0
            ? String(decoding: buffer.prefix(Int(length)), as: UTF8.self) : "error \(status)"
    }

    /// Searches `value` for the first match that begins in `starts`; groups are left in `matcher`.
    func search(_ value: ByteView, starts: Range<Int>, _ matcher: Matcher) -> Outcome {
        unsafe matcher.setLastStart(starts.upperBound)
        let status = unsafe pcre2_match_8(
            fastest,
            value.address,
            value.count,
            starts.lowerBound,
            0,
            matcher.matchData,
            matcher.context
        )
        if status >= 0 {
            matcher.groupCount = status == 0 ? Matcher.groupLimit : Int(status)
            return .match
        }
        return status == PCRE2_ERROR_NOMATCH ? .noMatch : .limitReached
    }
}
