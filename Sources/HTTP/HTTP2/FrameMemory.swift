import CNghttp2
import Glibc

/// The memory of one nghttp2 session: the system's, but for the buffer in which it puts frames together and for its
/// table of streams. Those are large, wanted for moments, and held for the life of the session; so they get pages of
/// their own, which the kernel takes back while the connection is idle.
///
/// The session calls back with this object's address, so the object has to outlive the session. Confined to one thread.
@safe
final class FrameMemory {
    /// nghttp2's table of streams while there are few: 256 places of 16 bytes, all zeros where there is no stream.
    private static let tableBytes = 4_096
    /// nghttp2's buffer for one frame: 16 KiB of payload and a little more. Nothing else that it asks for is so large,
    /// but for tables of thousands of streams.
    private static let frameBytes = 16_384...18_432
    /// The table's page, and those of the buffer behind it.
    private static let mappedBytes = tableBytes + 20_480

    private var pages: UnsafeMutableRawPointer?
    /// What of the pages the session has been given, once for its life.
    private var hasTable = false
    private var hasFrame = false
    private(set) var functions = unsafe nghttp2_mem()

    init() {
        unsafe functions = nghttp2_mem(
            mem_user_data: Unmanaged.passUnretained(self).toOpaque(),
            malloc: { size, this in unsafe lend(this) { unsafe $0.allocate(size) } },
            free: { address, this in unsafe lend(this) { unsafe $0.release(address) } },
            calloc: { count, size, this in
                unsafe lend(this) { unsafe $0.allocateZeros(count, size) }
            },
            realloc: { address, size, this in
                unsafe lend(this) { unsafe $0.reallocate(address, size) }
            }
        )
    }

    deinit {
        if let pages = unsafe pages { unsafe munmap(pages, Self.mappedBytes) }
    }

    /// Gives the pages' memory back to the kernel; they stay where they are, and read as zeros. Only while no frame is
    /// in the buffer. The table goes if it reads as zeros anyhow.
    func rest() {
        guard let pages = unsafe pages else { return }
        let table = unsafe UnsafeRawBufferPointer(start: pages, count: Self.tableBytes)
        let isTableEmpty = unsafe table.bindMemory(to: UInt64.self).allSatisfy { $0 == 0 }
        let start = isTableEmpty ? 0 : Self.tableBytes
        unsafe madvise(pages + start, Self.mappedBytes - start, MADV_DONTNEED)
    }

    /// For nghttp2 and tests.
    func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
        guard Self.frameBytes.contains(size), !hasFrame, let pages = unsafe mapped() else {
            return unsafe malloc(size)
        }
        hasFrame = true
        return unsafe pages + Self.tableBytes
    }

    func allocateZeros(_ count: Int, _ size: Int) -> UnsafeMutableRawPointer? {
        let (bytes, isTooMuch) = count.multipliedReportingOverflow(by: size)
        guard bytes == Self.tableBytes, !isTooMuch, !hasTable, let pages = unsafe mapped() else {
            return unsafe calloc(count, size)
        }
        hasTable = true
        return unsafe pages
    }

    func release(_ address: UnsafeMutableRawPointer?) {
        if let address = unsafe address, unsafe !isOurs(address) { unsafe free(address) }
    }

    func reallocate(_ address: UnsafeMutableRawPointer?, _ size: Int)
        -> UnsafeMutableRawPointer?
    {
        // nghttp2 asks for its buffer as something that grows from nothing.
        guard let address = unsafe address else { return unsafe allocate(size) }
        guard let pages = unsafe pages, unsafe isOurs(address) else {
            return unsafe realloc(address, size)
        }
        guard let moved = unsafe malloc(size) else { return nil }
        let present = unsafe address == pages ? Self.tableBytes : Self.mappedBytes - Self.tableBytes
        unsafe memcpy(moved, address, min(size, present))
        return unsafe moved
    }

    private func isOurs(_ address: UnsafeMutableRawPointer) -> Bool {
        guard let pages = unsafe pages else { return false }
        return unsafe address == pages || address == pages + Self.tableBytes
    }

    private func mapped() -> UnsafeMutableRawPointer? {
        if let pages = unsafe pages { return unsafe pages }
        let flags = MAP_PRIVATE | MAP_ANONYMOUS
        let fresh = unsafe mmap(nil, Self.mappedBytes, PROT_READ | PROT_WRITE, flags, -1, 0)
        guard let fresh = unsafe fresh, unsafe fresh != MAP_FAILED else { return nil }
        unsafe pages = fresh
        return unsafe fresh
    }
}

// A free function, since what C calls can capture nothing, not even the type around it.

/// What calls back is held by the session, so no reference is counted.
@unsafe
private func lend<Result>(_ this: UnsafeMutableRawPointer?, _ body: (FrameMemory) -> Result?)
    -> Result?
{
    guard let this = unsafe this else { return nil }
    return unsafe Unmanaged<FrameMemory>.fromOpaque(this)._withUnsafeGuaranteedRef { body($0) }
}
