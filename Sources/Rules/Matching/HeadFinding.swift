import CVectorscan

/// A part of a request's head that one scan sees: the line, or the value of a field.
struct HeadPart {
    /// The source of a field's value; nil for the line.
    var field: SourceClass?
    /// What the part can open, and what it does open; one bit for each source.
    let sources: UInt8
    var open: UInt8 = 0
    /// The offset behind it in the scanned text.
    let end: Int
}

extension LiteralDatabase {
    /// Opens sources of the parts of a head in which literals stand: each literal what it counts for, as far as its
    /// part can.
    func open(
        _ parts: inout [HeadPart],
        of head: ByteView,
        _ scratch: ScanScratch,
        _ literalSources: [UInt8]
    ) {
        unsafe literalSources.withUnsafeBufferPointer { sources in
            unsafe parts.withUnsafeMutableBufferPointer { parts in
                var finding = unsafe HeadFinding(literalSources: sources, parts: parts)
                unsafe scan(head, scratch, HeadFinding.report, &finding)
            }
        }
    }
}

/// Where a scan of a head stands. Its memory belongs to the caller of the scan.
@unsafe private struct HeadFinding {
    let literalSources: UnsafeBufferPointer<UInt8>
    let parts: UnsafeMutableBufferPointer<HeadPart>
    private var position = 0

    init(
        literalSources: UnsafeBufferPointer<UInt8>,
        parts: UnsafeMutableBufferPointer<HeadPart>
    ) {
        unsafe self.literalSources = literalSources
        unsafe self.parts = parts
    }

    static let report: match_event_handler = { literal, _, end, _, context in
        guard let finding = unsafe context?.assumingMemoryBound(to: HeadFinding.self) else {
            return 1
        }
        unsafe finding.pointee.add(literal: Int(literal), end: Int(clamping: end))
        return 0
    }

    private mutating func add(literal: Int, end: Int) {
        while unsafe position > 0 && end <= parts[position - 1].end { unsafe position -= 1 }
        while unsafe position + 1 < parts.count && end > parts[position].end {
            unsafe position += 1
        }
        let opened = unsafe literalSources[literal] & parts[position].sources
        unsafe parts[position].open |= opened
    }
}
