import CLinux

/// Blocks of one size that go from connection to connection, so that an idle connection holds none.
///
/// Confined to its reactor's thread.
@safe public final class BufferPool {
    /// The size of a block in bytes: one full TLS record.
    public static let blockBytes = 16384
    private static let keptLimit = 512

    private var free: [UnsafeMutableRawPointer] = unsafe []

    init() {
        unsafe free.reserveCapacity(Self.keptLimit)
    }

    /// Gives the blocks that nobody uses back to the system's allocator.
    public func trim() { while let block = unsafe free.popLast() { unsafe block.deallocate() } }

    /// Gives memory that the allocator keeps for the process back to the system.
    public static func trimAllocator() { bmh_trim_memory() }

    /// Lets large blocks go back to the system as soon as they are freed, rather than leave holes in what the process
    /// keeps: a reload frees a whole set of rules. For the time before other threads start.
    public static func keepLargeBlocksApart() { bmh_keep_large_blocks_apart() }

    deinit { while let block = unsafe free.popLast() { unsafe block.deallocate() } }

    /// A block for the caller alone, until it is given back.
    public func lend() -> UnsafeMutableRawBufferPointer {
        let block =
            unsafe free.popLast()
            ?? UnsafeMutableRawPointer.allocate(byteCount: Self.blockBytes, alignment: 16)
        return unsafe UnsafeMutableRawBufferPointer(start: block, count: Self.blockBytes)
    }

    /// Takes back what `lend` gave; nobody may touch its bytes afterwards.
    public func takeBack(_ block: UnsafeMutableRawBufferPointer) {
        guard let base = block.baseAddress else { return }
        if unsafe free.count < Self.keptLimit {
            unsafe free.append(base)
        } else {
            unsafe base.deallocate()
        }
    }
}
