import CScan

/// Splits a head into its lines, and remembers where it stopped, so that no byte is looked at twice when more arrive.
///
/// A line ends with CR LF. Any other control byte but a tab is an error wherever it stands, and so is a CR or LF alone.
struct HeadScanner {
    /// Where the current line starts, counted from the first byte of the head.
    var lineStart = 0
    /// Up to where the current line is known to hold no control byte.
    private var scanned = 0

    /// The end of the current line (its CR), or nil when the view ends before the line does.
    ///
    /// - Parameter limit: offset that the line's end, with its LF, must not pass; `error` is thrown when it does.
    @inline(__always)
    mutating func lineEnd(
        in view: ByteView,
        limit: Int,
        orThrow error: HeadError
    ) throws(HeadError) -> Int? {
        let stop = min(view.count, limit)
        let found = view.firstControl(from: scanned, to: stop)
        if found < stop {
            guard unsafe view.base[found] == ASCII.carriageReturn else {
                throw view[found] == ASCII.lineFeed ? .badLineEnding : .forbiddenByte
            }
            if found &+ 1 < stop {
                guard unsafe view.base[found &+ 1] == ASCII.lineFeed else { throw .badLineEnding }
                return found
            }
        }
        scanned = found
        if stop == limit { throw error }
        return nil
    }

    /// Moves on to the line behind the one that ends at `end`.
    @inline(__always)
    mutating func advance(past end: Int) {
        lineStart = end &+ 2
        scanned = lineStart
    }
}

extension ByteView {
    /// The place of the first byte below 0x20 that is no tab, or of 0x7F, in `start..<end`; `end` when there is none.
    @inline(never)
    func firstControl(from start: Int, to end: Int) -> Int {
        precondition(start >= 0 && end <= count)
        guard start < end else { return end }
        return unsafe bmh_first_control(base, start, end)
    }

    /// The place of the first colon, or `count` when there is none.
    @inline(never)
    var firstColon: Int { unsafe bmh_first_equal(base, 0, count, 0x3A) }
}
