/// Content that has arrived and was not yet asked for, in blocks that stay in place until they are consumed.
///
/// The owner bounds what goes in: the window of the stream is its limit.
@safe
public final class ContentQueue {
    @safe
    private struct Block {
        let bytes: UnsafeMutableRawBufferPointer
        var start: Int
        var end: Int

        var room: Int { unsafe bytes.count - end }
    }

    private var blocks: [Block] = []
    /// Bytes in all blocks.
    public private(set) var count = 0

    private static let smallBytes = 2048
    private static let largeBytes = 16384

    public init() {}

    deinit { removeAll() }

    /// The bytes of the first block; its view ends when they are consumed.
    public var readable: ByteView {
        guard let first = blocks.first else { return .empty }
        return unsafe ByteView(
            UnsafeRawBufferPointer(rebasing: first.bytes[first.start..<first.end])
        )
    }

    /// Puts a copy of the bytes behind the others.
    public func append(_ bytes: ByteView) {
        var rest = bytes
        while !rest.isEmpty {
            let room = blocks.last?.room ?? 0
            if room == 0 {
                let isLarge = !blocks.isEmpty || rest.count > Self.smallBytes
                let size = isLarge ? Self.largeBytes : Self.smallBytes
                let block = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
                unsafe blocks.append(Block(bytes: block, start: 0, end: 0))
                continue
            }
            let piece = rest.prefix(room)
            let last = blocks.count - 1
            let block = blocks[last]
            unsafe piece.withUnsafeBytes {
                unsafe UnsafeMutableRawBufferPointer(rebasing: block.bytes[block.end...])
                    .copyMemory(from: $0)
            }
            blocks[last].end += piece.count
            count += piece.count
            rest = rest.dropFirst(piece.count)
        }
    }

    /// Forgets the first bytes.
    public func consume(_ length: Int) {
        var left = min(max(0, length), count)
        count -= left
        while left > 0, let first = blocks.first {
            let taken = min(left, first.end - first.start)
            blocks[0].start += taken
            left -= taken
            guard blocks[0].start == blocks[0].end else { return }
            unsafe first.bytes.deallocate()
            blocks.removeFirst()
        }
    }

    /// Forgets everything.
    public func removeAll() {
        for block in blocks { unsafe block.bytes.deallocate() }
        blocks.removeAll(keepingCapacity: true)
        count = 0
    }
}
