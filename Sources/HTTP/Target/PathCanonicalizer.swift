/// Writes the canonical form of a path, and what is unusual about it.
///
/// One pass: a byte is decoded or encoded as it comes, and each segment is looked at when it ends, so that a dot
/// segment is seen however it was spelled. The output never exceeds three times the input plus one byte.
@safe
struct PathCanonicalizer {
    private(set) var count = 0
    private(set) var flags = Target.Flags()
    private let output: UnsafeMutablePointer<UInt8>
    private let capacity: Int
    /// Where the part of a segment starts that a reader might take for a segment of its own.
    private var partStart = 1

    /// Writes into `output`, which stays the caller's.
    init(output: UnsafeMutableBufferPointer<UInt8>) {
        if let base = output.baseAddress {
            unsafe self.output = base
            capacity = output.count
        } else {
            unsafe self.output = .allocate(capacity: 0)
            capacity = 0
        }
    }

    /// How many bytes from the start on are canonical as they stand; a path that is plain throughout needs no copy.
    ///
    /// A slash or a dot behind a slash may be an empty or a dot segment, so it is not plain.
    static func plainLength(of text: ByteView) -> Int {
        var index = 0
        var carry: UInt64 = 0
        while index &+ 8 <= text.count {
            let word = text.word(at: index)
            guard let slashes = Word.slashesOfPlainPath(word, carry) else { break }
            carry = slashes >> 56
            index &+= 8
        }
        if index < text.count, index >= 8, index &+ 8 > text.count {
            // The rest makes one more word together with bytes seen before.
            let start = text.count &- 8
            let before: UInt64 = text[start &- 1] == 0x2F ? 0x80 : 0
            if Word.slashesOfPlainPath(text.word(at: start), before) != nil { return text.count }
        }
        var isBehindSlash = carry != 0
        while index < text.count {
            let byte = unsafe text.base[index]
            guard ASCIISet.plainPath.contains(byte) else { return index }
            if isBehindSlash, byte == 0x2F || byte == 0x2E { return index }
            isBehindSlash = byte == 0x2F
            index &+= 1
        }
        return index
    }

    mutating func writePath(_ path: ByteView) {
        var segmentStart = 1
        write(0x2F)
        var index = path.isEmpty ? 0 : 1
        while index < path.count {
            let byte = path[index]
            index += 1
            if byte == 0x2F {
                segmentStart = endSegment(from: segmentStart, isLast: false)
            } else if byte == 0x25 {
                index += writeEscape(path, at: index)
            } else {
                writeRaw(byte)
            }
        }
        _ = endSegment(from: segmentStart, isLast: true)
    }

    mutating func writeQuery(_ query: ByteView) {
        for index in 0..<query.count {
            let byte = query[index]
            if ASCIISet.plainQuery.contains(byte) { write(byte) } else { writeEncoded(byte) }
        }
    }

    private mutating func writeRaw(_ byte: UInt8) {
        if byte == 0x3B {
            flags.insert(.hasParameters)
            endPart()
            write(byte)
            partStart = count
        } else if ASCIISet.plainPath.contains(byte) {
            write(byte)
        } else {
            if byte == 0x5C {
                flags.insert(.hasEncodedSeparator)
                endPart()
            }
            if byte != 0x7C, byte != 0x5E { flags.insert(.hasForbiddenByte) }
            writeEncoded(byte)
            if byte == 0x5C { partStart = count }
        }
    }

    /// Writes the escape whose digits are at `index`, and returns how many of them it took.
    private mutating func writeEscape(_ path: ByteView, at index: Int) -> Int {
        guard index + 1 < path.count, let high = ASCII.hexValue(path[index]),
            let low = ASCII.hexValue(path[index + 1])
        else {
            // Left as a bare percent sign it could form an escape with what is decoded behind it.
            flags.insert(.hasInvalidEscape)
            writeEncoded(0x25)
            return 0
        }
        let byte = high << 4 | low
        if ASCIISet.unreserved.contains(byte) {
            write(byte)
            return 2
        }
        switch byte {
        case 0x00: flags.insert(.hasEncodedNUL)
        case 0x2F, 0x5C: flags.insert(.hasEncodedSeparator)
        case 0x3B: flags.insert(.hasParameters)
        case 0x01...0x1F, 0x7F: flags.insert(.hasEncodedControl)
        default: break
        }
        let endsPart = byte == 0x2F || byte == 0x5C || byte == 0x3B
        if endsPart { endPart() }
        writeEncoded(byte)
        if endsPart { partStart = count }
        return 2
    }

    /// Ends what stands before an encoded separator or a parameter, or behind the last of them.
    private mutating func endPart() {
        let length = count - partStart
        if length == 1 && peek(partStart) == 0x2E
            || length == 2 && peek(partStart) == 0x2E && peek(partStart + 1) == 0x2E
        {
            flags.insert(.hidesDotSegment)
        }
    }

    /// Ends the segment that starts at `start`, and returns where the next one does.
    private mutating func endSegment(from start: Int, isLast: Bool) -> Int {
        let length = count - start
        if partStart > start { endPart() }
        defer { partStart = count }
        if length == 0, !isLast { flags.insert(.hasEmptySegment) }
        let isDot = length == 1 && peek(start) == 0x2E
        let isDoubleDot = length == 2 && peek(start) == 0x2E && peek(start + 1) == 0x2E
        if isDot || isDoubleDot {
            count = start
            if isDoubleDot { removeSegment() }
        } else if !isLast {
            write(0x2F)
        }
        return count
    }

    /// Takes back the last complete segment, but not the root's slash. Each byte is taken back once at most.
    private mutating func removeSegment() {
        guard count > 1 else {
            flags.insert(.climbsAboveRoot)
            return
        }
        count -= 1
        while count > 1, peek(count - 1) != 0x2F { count -= 1 }
    }

    private mutating func writeEncoded(_ byte: UInt8) {
        write(0x25)
        write(ASCII.hexDigit(byte >> 4))
        write(ASCII.hexDigit(byte & 0x0F))
    }

    private mutating func write(_ byte: UInt8) {
        precondition(count < capacity)
        unsafe output[count] = byte
        count += 1
    }

    private func peek(_ index: Int) -> UInt8 {
        precondition(index >= 0 && index < count)
        return unsafe output[index]
    }
}
