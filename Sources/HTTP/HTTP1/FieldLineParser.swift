/// Reads field lines into a table: those of a request, of a response, of trailers.
struct FieldLineParser {
    var scanner = HeadScanner()
    // Held here, since a global is guarded by a call at each use.
    private let names = unsafe FieldNameTable.shared

    /// Bytes a field name may have; longer ones are no name anybody uses.
    static let nameBytesLimit = 1024

    /// Reads lines until the empty one; returns the offset behind it, or nil when the view ends before.
    @inline(__always)
    mutating func parse(
        _ view: ByteView,
        limits: HeadLimits,
        into table: inout FieldTable
    ) throws(HeadError) -> Int? {
        while let end = try scanner.lineEnd(
            in: view,
            limit: limits.headBytes,
            orThrow: .headTooLarge
        ) {
            let start = scanner.lineStart
            if end == start { return end &+ 2 }
            if table.count >= limits.fieldCount { throw .tooManyFields }
            try parseLine(view, start, end, into: &table)
            scanner.advance(past: end)
        }
        return nil
    }

    /// Splits one line, which is known to hold no control byte but tabs.
    @inline(__always)
    private func parseLine(
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
        let known = names.find(name, followedBy: line.count &- colon)
        if known == .other {
            guard name.allSatisfy(.token) else {
                throw ASCII.isBlank(line[0]) ? .obsoleteFolding : .badFieldName
            }
            guard colon <= Self.nameBytesLimit else { throw .headTooLarge }
        }
        var valueStart = colon &+ 1
        var valueEnd = line.count
        while valueStart < valueEnd, unsafe ASCII.isBlank(line.base[valueStart]) {
            valueStart &+= 1
        }
        while valueEnd > valueStart, unsafe ASCII.isBlank(line.base[valueEnd &- 1]) {
            valueEnd &-= 1
        }
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
