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
    ///
    /// Kept out of line, here and below: in a function of its own the loop keeps all its values in registers.
    @inline(never)
    func firstControl(from start: Int, to end: Int) -> Int {
        precondition(start >= 0 && end <= count)
        var index = start
        while true {
            index = firstControlOrTab(from: index, to: end)
            guard index < end, unsafe base[index] == ASCII.tab else { return index }
            index &+= 1
        }
    }

    /// Sixteen bytes at a time while there are as many, then one by one.
    @inline(__always)
    private func firstControlOrTab(from start: Int, to end: Int) -> Int {
        var index = start
        let wideEnd = end &- 16
        while index <= wideEnd {
            let first = Word.text(unsafe uncheckedWord(at: index))
            let second = Word.text(unsafe uncheckedWord(at: index &+ 8))
            if first & second & Word.tops != Word.tops {
                let hits = ~first & Word.tops
                if hits != 0 { return index &+ hits.trailingZeroBitCount >> 3 }
                return index &+ 8 &+ (~second & Word.tops).trailingZeroBitCount >> 3
            }
            index &+= 16
        }
        while index < end {
            let byte = unsafe base[index]
            if byte < 0x20 || byte == 0x7F { return index }
            index &+= 1
        }
        return end
    }

    /// The place of the first colon, or `count` when there is none.
    @inline(never)
    var firstColon: Int {
        var index = 0
        let wideEnd = count &- 8
        while index <= wideEnd {
            let hits = Word.equal(unsafe uncheckedWord(at: index), 0x3A)
            if hits != 0 { return index &+ hits.trailingZeroBitCount >> 3 }
            index &+= 8
        }
        while index < count {
            if unsafe base[index] == 0x3A { return index }
            index &+= 1
        }
        return count
    }

    /// Eight bytes as a little-endian word, for loops that have checked their bounds.
    @unsafe
    @inline(__always)
    private func uncheckedWord(at index: Int) -> UInt64 {
        unsafe UInt64(littleEndian: UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self))
    }
}
