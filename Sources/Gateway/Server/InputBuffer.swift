import HTTP
import Transport

/// Bytes received and not yet consumed, in a block that is lent from the reactor's pool while there are any.
///
/// Views of `readable` end with the next call that changes the buffer.
@safe final class InputBuffer {
    private let pool: BufferPool
    private var block: UnsafeMutableRawBufferPointer?
    /// Whether the block is larger than the pool's and was allocated for one large head.
    private var isGrown = false
    private var start = 0
    private var end = 0

    init(pool: BufferPool) {
        self.pool = pool
    }

    deinit { release() }

    /// Number of bytes not yet consumed.
    var count: Int { end &- start }

    /// The bytes not yet consumed.
    var readable: ByteView {
        guard let base = unsafe block?.baseAddress, count > 0 else { return .empty }
        return unsafe ByteView(UnsafeRawBufferPointer(start: base + start, count: count))
    }

    /// Forgets the first `length` bytes.
    func consume(_ length: Int) {
        start += min(max(0, length), count)
        if start == end {
            start = 0
            end = 0
        }
    }

    /// Gives the block back to the pool if it holds nothing.
    func releaseIfEmpty() {
        if count == 0 { release() }
    }

    /// Makes room for more bytes: by moving the rest to the front, or up to `limit` bytes by growing.
    ///
    /// - Returns: false if the buffer is full and may not grow.
    func makeRoom(limit: Int) -> Bool {
        guard let present = unsafe block else {
            unsafe block = pool.lend()
            return true
        }
        if end < present.count { return true }
        if start > 0, let base = present.baseAddress {
            unsafe base.copyMemory(from: base + start, byteCount: count)
            end -= start
            start = 0
            return true
        }
        guard present.count < limit else { return false }
        unsafe grow(from: present, to: limit)
        return true
    }

    /// Reads what the stream has, after `makeRoom`; nil if it has nothing now, 0 at its end.
    func fillNow(from stream: ByteStream) throws(StreamError) -> Int? {
        guard let block = unsafe block else { return nil }
        let room = unsafe UnsafeMutableRawBufferPointer(rebasing: block[end...])
        guard let count = try unsafe stream.readNow(into: room) else { return nil }
        end += count
        return count
    }

    /// Waits for bytes and reads them, after `makeRoom`; 0 at the end of the stream.
    @inline(__always)
    func fill(from stream: ByteStream, until deadline: Instant) async throws(StreamError) -> Int {
        while true {
            if let count = try fillNow(from: stream) { return count }
            stream.releaseBuffers()
            try await stream.waitReadable(until: deadline)
        }
    }

    private func grow(from present: UnsafeMutableRawBufferPointer, to limit: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: limit, alignment: 16)
        unsafe larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: present[0..<end]))
        unsafe giveBack(present)
        isGrown = true
        unsafe block = larger
    }

    func release() {
        if let present = unsafe block { unsafe giveBack(present) }
        unsafe block = nil
        isGrown = false
        start = 0
        end = 0
    }

    private func giveBack(_ present: UnsafeMutableRawBufferPointer) {
        if isGrown { unsafe present.deallocate() } else { unsafe pool.takeBack(present) }
    }
}
