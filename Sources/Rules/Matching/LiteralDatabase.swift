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
        withoutActuallyEscaping(sink) { sink in
            var context = sink
            unsafe withUnsafeMutablePointer(to: &context) {
                unsafe scan(bytes, scratch, LiteralDatabase.report, $0)
            }
        }
    }

    /// Reports the literals in `bytes` to a function of C, which costs less than a closure where many are found.
    @unsafe
    @inline(__always)
    func scan(
        _ bytes: ByteView,
        _ scratch: ScanScratch,
        _ report: match_event_handler,
        _ context: UnsafeMutableRawPointer
    ) {
        guard let address = unsafe bytes.address, let memory = unsafe scratch.memory else { return }
        let start = unsafe UnsafeRawPointer(address).assumingMemoryBound(to: CChar.self)
        let length = UInt32(clamping: bytes.count)
        _ = unsafe hs_scan(database, start, length, 0, memory, report, context)
    }

    private static let report: match_event_handler = { literal, _, end, _, context in
        guard let sink = unsafe context?.assumingMemoryBound(to: Sink.self) else { return 1 }
        return unsafe sink.pointee(Int(literal), Int(clamping: end)) ? 1 : 0
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
