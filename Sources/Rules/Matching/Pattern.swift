import CPCRE2

/// A compiled regular expression on bytes: DOTALL, DOLLAR_ENDONLY, no UTF mode.
///
/// Unchecked because of the pointer: PCRE2 only reads compiled code while matching, so that all workers share it.
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
    /// The expression as written.
    let expression: [UInt8]
    /// Whether machine code was made; without it the interpreter runs.
    let isJIT: Bool
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
        isJIT = unsafe pcre2_jit_compile_8(compiled, PCRE2_JIT_COMPLETE) == 0
        var count: UInt32 = 0
        unsafe pcre2_pattern_info_8(compiled, UInt32(PCRE2_INFO_CAPTURECOUNT), &count)
        groupCount = Int(count)
    }

    deinit { unsafe pcre2_code_free_8(code) }

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
            code,
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
