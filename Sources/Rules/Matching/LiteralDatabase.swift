import CVectorscan

/// A set of literals that one pass over a value finds all at once, whatever the case of letters.
///
/// Unchecked because of the pointer: vectorscan only reads a database while scanning, so that all workers share it.
@safe final class LiteralDatabase: @unchecked Sendable {
    /// Called for each hit with the literal's index and the offset behind it; true ends the scan.
    typealias Sink = (_ literal: Int, _ end: Int) -> Bool

    private let database: OpaquePointer

    /// - Parameter literals: none empty. Nil if the library refuses them, for example without memory.
    init?(_ literals: [[UInt8]]) {
        guard !literals.isEmpty else { return nil }
        let memory = Constant(literals.flatMap { $0 })
        var addresses = unsafe [UnsafePointer<CChar>?]()
        var lengths: [Int] = []
        var offset = 0
        for literal in literals {
            let view = memory.view[offset..<(offset + literal.count)]
            unsafe addresses.append(
                UnsafeRawPointer(view.address)?.assumingMemoryBound(to: CChar.self)
            )
            lengths.append(literal.count)
            offset += literal.count
        }
        let flags = [UInt32](repeating: UInt32(HS_FLAG_CASELESS), count: literals.count)
        let ids = literals.indices.map { UInt32(truncatingIfNeeded: $0) }
        var compiled: OpaquePointer?
        var failure: UnsafeMutablePointer<hs_compile_error_t>?
        let status = unsafe hs_compile_lit_multi(
            &addresses,
            flags,
            ids,
            lengths,
            UInt32(truncatingIfNeeded: literals.count),
            UInt32(HS_MODE_BLOCK),
            nil,
            &compiled,
            &failure
        )
        withExtendedLifetime(memory) {}
        if let failure = unsafe failure { unsafe hs_free_compile_error(failure) }
        guard status == HS_SUCCESS, let compiled = unsafe compiled else { return nil }
        unsafe database = compiled
    }

    deinit { unsafe hs_free_database(database) }

    /// Makes `scratch` large enough for this database.
    func prepare(_ scratch: ScanScratch) { unsafe scratch.grow(for: database) }

    /// Reports the literals in `bytes`; offsets do not decrease.
    @inline(__always)
    func scan(_ bytes: ByteView, _ scratch: ScanScratch, _ sink: Sink) {
        guard let address = unsafe bytes.address, let memory = unsafe scratch.memory else { return }
        let length = UInt32(clamping: bytes.count)
        withoutActuallyEscaping(sink) { sink in
            var context = sink
            unsafe withUnsafeMutablePointer(to: &context) { context in
                let start = unsafe UnsafeRawPointer(address).assumingMemoryBound(to: CChar.self)
                _ = unsafe hs_scan(
                    database,
                    start,
                    length,
                    0,
                    memory,
                    LiteralDatabase.report,
                    context
                )
            }
        }
    }

    /// The sources that the literals in a head open: what ends by `lineEnd` stands in the line, what ends by
    /// `cookieEnd` in the cookies, the rest in other fields.
    func openSources(
        _ head: ByteView,
        _ scratch: ScanScratch,
        _ literalSources: [UInt8],
        lineEnd: Int,
        cookieEnd: Int
    ) -> UInt8 {
        guard let address = unsafe head.address, let memory = unsafe scratch.memory else {
            return 0
        }
        let start = unsafe UnsafeRawPointer(address).assumingMemoryBound(to: CChar.self)
        return unsafe literalSources.withUnsafeBufferPointer { sources in
            var finding = unsafe HeadFinding(
                literalSources: sources,
                lineEnd: lineEnd,
                cookieEnd: cookieEnd
            )
            let length = UInt32(clamping: head.count)
            _ = unsafe hs_scan(database, start, length, 0, memory, HeadFinding.report, &finding)
            return unsafe finding.open
        }
    }

    private static let report: match_event_handler = { literal, _, end, _, context in
        guard let sink = unsafe context?.assumingMemoryBound(to: Sink.self) else { return 1 }
        return unsafe sink.pointee(Int(literal), Int(clamping: end)) ? 1 : 0
    }
}

/// What a scan of a head has found so far.
@unsafe private struct HeadFinding {
    private static let lineSources =
        SourceClass.line.bit | SourceClass.path.bit | SourceClass.arguments.bit

    let literalSources: UnsafeBufferPointer<UInt8>
    let lineEnd: Int
    let cookieEnd: Int
    var open: UInt8 = 0

    static let report: match_event_handler = { literal, _, end, _, context in
        guard let finding = unsafe context?.assumingMemoryBound(to: HeadFinding.self) else {
            return 1
        }
        unsafe finding.pointee.add(literal: Int(literal), end: Int(clamping: end))
        return 0
    }

    mutating func add(literal: Int, end: Int) {
        let sources =
            unsafe end <= lineEnd
            ? HeadFinding.lineSources
            : end <= cookieEnd ? SourceClass.cookies.bit : SourceClass.headers.bit
        unsafe open |= literalSources[literal] & sources
    }
}

/// Working memory of scans; one per worker.
@safe final class ScanScratch {
    private var scratch: OpaquePointer?

    deinit {
        if let scratch = unsafe scratch { unsafe hs_free_scratch(scratch) }
    }

    @unsafe var memory: OpaquePointer? { unsafe scratch }

    @unsafe fileprivate func grow(for database: OpaquePointer) {
        let status = unsafe hs_alloc_scratch(database, &scratch)
        precondition(status == HS_SUCCESS, "no memory for scan scratch")
    }
}
