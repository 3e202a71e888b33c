import CNghttp2
import Glibc

/// The memory of one nghttp2 session: the system's, but for the buffer in which it puts frames together. That one is
/// large, wanted for moments, and held for the life of the session; so it gets pages of its own, which the kernel takes
/// back while the connection is idle.
///
/// The session calls back with this object's address, so the object has to outlive the session. Confined to one thread.
@safe
final class FrameMemory {
    /// nghttp2's buffer for one frame: 16 KiB of payload and a little more. Nothing else that it asks for is so large,
    /// but for tables of thousands of streams.
    private static let frameBytes = 16_384...18_432

    private var pages: UnsafeMutableRawPointer?
    private var pageBytes = 0
    private(set) var functions = unsafe nghttp2_mem()

    init() {
        unsafe functions = nghttp2_mem(
            mem_user_data: Unmanaged.passUnretained(self).toOpaque(),
            malloc: { size, this in unsafe FrameMemory.behind(this)?.allocate(size) },
            free: { address, this in unsafe FrameMemory.behind(this)?.release(address) },
            calloc: { count, size, _ in unsafe Glibc.calloc(count, size) },
            realloc: { address, size, this in
                unsafe FrameMemory.behind(this)?.reallocate(address, size)
            }
        )
    }

    deinit {
        if let pages = unsafe pages { unsafe munmap(pages, pageBytes) }
    }

    /// Gives the pages' memory back to the kernel; the buffer stays where it is, and reads as zeros. Only while no
    /// frame is in it.
    func rest() {
        if let pages = unsafe pages { unsafe madvise(pages, pageBytes, MADV_DONTNEED) }
    }

    /// For nghttp2 and tests.
    func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
        guard Self.frameBytes.contains(size), unsafe pages == nil else {
            return unsafe malloc(size)
        }
        let flags = MAP_PRIVATE | MAP_ANONYMOUS
        let mapped = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, flags, -1, 0)
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
            return unsafe malloc(size)
        }
        unsafe pages = mapped
        pageBytes = size
        return unsafe mapped
    }

    func release(_ address: UnsafeMutableRawPointer?) {
        guard let address = unsafe address, unsafe address == pages else {
            return unsafe free(address)
        }
        unsafe munmap(address, pageBytes)
        unsafe pages = nil
    }

    func reallocate(_ address: UnsafeMutableRawPointer?, _ size: Int)
        -> UnsafeMutableRawPointer?
    {
        // nghttp2 asks for its buffer as something that grows from nothing.
        guard let address = unsafe address else { return unsafe allocate(size) }
        guard unsafe address == pages else { return unsafe realloc(address, size) }
        guard let moved = unsafe malloc(size) else { return nil }
        unsafe memcpy(moved, address, min(size, pageBytes))
        unsafe release(address)
        return unsafe moved
    }

    @unsafe
    private static func behind(_ this: UnsafeMutableRawPointer?) -> FrameMemory? {
        guard let this = unsafe this else { return nil }
        return unsafe Unmanaged<FrameMemory>.fromOpaque(this).takeUnretainedValue()
    }
}
