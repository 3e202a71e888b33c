/// Reads field lines into a table: those of a request, of a response, of trailers.
struct FieldLineParser {
    var scanner = HeadScanner()

    /// Bytes a field name may have; longer ones are no name anybody uses.
    static let nameBytesLimit = 1024

    /// Reads lines until the empty one; returns the offset behind it, or nil when the view ends before.
    @inline(__always)
    mutating func parse(
        _ view: ByteView,
        limits: HeadLimits,
        into table: inout FieldTable
    ) throws(HeadError) -> Int? {
        while let end = try scanner.lineEnd(in: view, limit: limits.headBytes, orThrow: .headTooLarge) {
            let start = scanner.lineStart
            if end == start { return end &+ 2 }
            if table.count >= limits.fieldCount { throw .tooManyFields }
            try Self.parseLine(view, start, end, into: &table)
            scanner.advance(past: end)
        }
        return nil
    }

    /// Splits one line, which is known to hold no control byte but tabs.
    @inline(__always)
    private static func parseLine(
        _ view: ByteView,
        _ start: Int,
        _ end: Int,
        into table: inout FieldTable
    ) throws(HeadError) {
        let line = view[start..<end]
        let colon = line.firstColon
        guard colon > 0, colon < line.count else {
            throw line.isEmpty || !ASCII.isBlank(line[0]) ? .badFieldName : .obsoleteFolding
        }
        let name = line[0..<colon]
        let known = unsafe FieldNameTable.shared.find(name, followedBy: line.count &- colon)
        if known == .other {
            guard name.allSatisfy(.token) else {
                throw ASCII.isBlank(line[0]) ? .obsoleteFolding : .badFieldName
            }
            guard colon <= nameBytesLimit else { throw .headTooLarge }
        }
        var valueStart = colon &+ 1
        var valueEnd = line.count
        while valueStart < valueEnd, unsafe ASCII.isBlank(line.base[valueStart]) { valueStart &+= 1 }
        while valueEnd > valueStart, unsafe ASCII.isBlank(line.base[valueEnd &- 1]) { valueEnd &-= 1 }
        table.append(
            FieldTable.Line(
                nameStart: UInt32(truncatingIfNeeded: start),
                valueStart: UInt32(truncatingIfNeeded: start &+ valueStart),
                valueLength: UInt32(truncatingIfNeeded: valueEnd &- valueStart),
                nameLength: UInt16(truncatingIfNeeded: colon),
                name: known,
                isHopByHop: known.isHopByHop
            )
        )
    }
}

extension ByteView {
    /// The place of the first colon, or `count` when there is none.
    @inline(__always)
    fileprivate var firstColon: Int {
        var index = 0
        let wideEnd = count &- 8
        while index <= wideEnd {
            let word = unsafe UInt64(littleEndian: UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self))
            let difference = word ^ 0x3A3A_3A3A_3A3A_3A3A
            let hits = (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
            // A borrow can mark bytes above a true hit only, so the lowest mark is always right.
            if hits != 0 { return index &+ hits.trailingZeroBitCount >> 3 }
            index &+= 8
        }
        while index < count {
            if unsafe base[index] == 0x3A { return index }
            index &+= 1
        }
        return count
    }
}
