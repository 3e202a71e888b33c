/// Room in an arena that is being filled. What does not fit is dropped, so that a wrong estimate cannot write outside.
@safe struct ByteWriter {
    private let start: UnsafeMutablePointer<UInt8>
    let capacity: Int
    private(set) var count = 0

    /// - Parameter start: `capacity` writable bytes that outlive the writer.
    @unsafe init(start: UnsafeMutablePointer<UInt8>, capacity: Int) {
        unsafe self.start = start
        self.capacity = capacity
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        guard count < capacity else { return }
        unsafe start[count] = byte
        count += 1
    }

    mutating func append(_ bytes: ByteView) {
        let length = min(bytes.count, capacity - count)
        guard length > 0, let source = unsafe bytes.address else { return }
        unsafe (start + count).update(from: source, count: length)
        count += length
    }

    mutating func append(_ text: StaticString) { append(ByteView(text)) }

    mutating func append(_ bytes: [UInt8]) {
        bytes.withView { append($0) }
    }

    /// Appends a number in decimal digits.
    mutating func append(decimal number: Int) {
        if number < 0 { append(UInt8(ascii: "-")) }
        var divisor: UInt = 1
        let magnitude = number.magnitude
        while magnitude / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(truncatingIfNeeded: magnitude / divisor % 10) &+ 0x30)
            divisor /= 10
        }
    }

    /// Takes back the last bytes.
    mutating func removeLast(_ length: Int = 1) { count = max(count - length, 0) }

    /// The byte written last.
    var last: UInt8? { count > 0 ? unsafe start[count - 1] : nil }

    /// What was written so far; valid as long as the arena's contents.
    var written: ByteView { unsafe ByteView(start: UnsafePointer(start), count: count) }
}
