/// Memory of one transaction: handed out piece by piece, given back all at once.
@safe final class Arena {
    private static let chunkBytes = 16_384
    private static let keptBytesLimit = 131_072

    private var chunks: [UnsafeMutableRawBufferPointer] = unsafe []
    private var chunkIndex = 0
    private var offset = 0
    private var chunkSize = 0

    deinit {
        for index in unsafe chunks.indices { unsafe chunks[index].deallocate() }
    }

    /// Makes all memory available again; views into it must no longer be used. Large amounts go back to the system.
    func reset() {
        chunkIndex = 0
        offset = 0
        if unsafe chunks.count > 1 { trim() }
        chunkSize = unsafe chunks.first?.count ?? 0
    }

    private func trim() {
        var total = 0
        var kept = unsafe [UnsafeMutableRawBufferPointer]()
        for index in unsafe chunks.indices {
            let chunk = unsafe chunks[index]
            total += chunk.count
            if total <= Arena.keptBytesLimit {
                unsafe kept.append(chunk)
            } else {
                unsafe chunk.deallocate()
            }
        }
        unsafe chunks = kept
    }

    /// `count` uninitialised bytes, aligned for words.
    @unsafe func allocate(_ count: Int) -> UnsafeMutableRawPointer {
        let size = (max(count, 1) + 7) & ~7
        while true {
            if unsafe chunkIndex < chunks.count {
                if size <= chunkSize - offset, let base = unsafe chunks[chunkIndex].baseAddress {
                    offset += size
                    return unsafe base + (offset - size)
                }
                chunkIndex += 1
            } else {
                let bytes = max(size, Arena.chunkBytes)
                unsafe chunks.append(.allocate(byteCount: bytes, alignment: 16))
            }
            offset = 0
            chunkSize = unsafe chunkIndex < chunks.count ? chunks[chunkIndex].count : 0
        }
    }

    /// Room for at most `capacity` bytes.
    func writer(capacity: Int) -> ByteWriter {
        let start = unsafe allocate(capacity).assumingMemoryBound(to: UInt8.self)
        return unsafe ByteWriter(start: start, capacity: capacity)
    }

    /// Gives back what `writer` did not use, if nothing was allocated since, and returns what it wrote.
    func finish(_ writer: ByteWriter) -> ByteView {
        let reserved = (max(writer.capacity, 1) + 7) & ~7
        let used = (writer.count + 7) & ~7
        if unsafe isLast(writer.written.address, reserved) { offset -= reserved - used }
        return writer.written
    }

    @unsafe private func isLast(_ address: UnsafePointer<UInt8>?, _ reserved: Int) -> Bool {
        guard unsafe chunkIndex < chunks.count, let base = unsafe chunks[chunkIndex].baseAddress,
            offset >= reserved
        else { return false }
        return unsafe UnsafeRawPointer(base + (offset - reserved)) == UnsafeRawPointer(address)
    }

    /// A copy of `bytes` in the arena.
    func copy(_ bytes: ByteView) -> ByteView {
        var copy = writer(capacity: bytes.count)
        copy.append(bytes)
        return finish(copy)
    }

    /// A copy of `text` in the arena.
    func copy(_ text: String) -> ByteView {
        var text = text
        return text.withUTF8 { unsafe copy(ByteView(UnsafeRawBufferPointer($0))) }
    }

    /// The digits of a number.
    func decimal(_ number: Int) -> ByteView {
        var digits = writer(capacity: 20)
        digits.append(decimal: number)
        return finish(digits)
    }
}
