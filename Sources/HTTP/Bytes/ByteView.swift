/// A run of bytes that somebody else owns.
///
/// The view is two words and copies nothing. It is valid only while its owner keeps the bytes in place: a view into a
/// head lives until that head is parsed into again or reset; a view into a buffer until the buffer is next changed.
/// Keep the owner in a variable while its views are used, since an owner that is only passed through may be freed at
/// once. Subscripts are checked, so a wrong index stops the process instead of reading a neighbour's memory.
@safe
public struct ByteView {
    /// Number of bytes.
    public let count: Int
    @usableFromInline let base: UnsafePointer<UInt8>

    /// A view of `count` bytes at `base`; the caller promises that they stay there while the view is used.
    @inlinable
    public init(_ base: UnsafePointer<UInt8>, count: Int) {
        precondition(count >= 0)
        unsafe self.base = base
        self.count = count
    }

    /// A view of a raw buffer; the caller promises that it outlives the view.
    @inlinable
    public init(_ buffer: UnsafeRawBufferPointer) {
        if let start = buffer.baseAddress {
            unsafe self.init(start.assumingMemoryBound(to: UInt8.self), count: buffer.count)
        } else {
            self.init("")
        }
    }

    /// A view of a literal, which lives as long as the process.
    @inlinable
    public init(_ literal: StaticString) {
        precondition(literal.hasPointerRepresentation)
        unsafe self.init(literal.utf8Start, count: literal.utf8CodeUnitCount)
    }

    /// A view of nothing.
    @inlinable
    public static var empty: ByteView { ByteView("") }

    @inlinable
    public var isEmpty: Bool { count == 0 }

    /// The byte at `index`, which must be in `0..<count`.
    @inlinable
    public subscript(index: Int) -> UInt8 {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
        return unsafe base[index]
    }

    /// The bytes of `range`, which must lie in `0...count`.
    @inlinable
    public subscript(range: Range<Int>) -> ByteView {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        return unsafe ByteView(base + range.lowerBound, count: range.upperBound &- range.lowerBound)
    }

    /// The first `length` bytes, or all when there are fewer.
    @inlinable
    public func prefix(_ length: Int) -> ByteView {
        self[0..<max(0, min(length, count))]
    }

    /// What follows the first `length` bytes; empty when there are fewer.
    @inlinable
    public func dropFirst(_ length: Int) -> ByteView {
        self[max(0, min(length, count))..<count]
    }

    /// Lends the bytes to a C function or a system call.
    @inlinable
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// The bytes as text, for logs and messages: what is not UTF-8 becomes U+FFFD.
    public var string: String {
        unsafe String(decoding: UnsafeBufferPointer(start: base, count: count), as: UTF8.self)
    }

    /// A copy of the bytes.
    public var bytes: [UInt8] {
        // Initialisers of arrays are not specialised here, and look up their type at run time.
        var copy: [UInt8] = []
        unsafe copy.append(contentsOf: UnsafeBufferPointer(start: base, count: count))
        return copy
    }

    /// Eight bytes from `offset` on as a little-endian word; all eight must lie inside the view.
    @inlinable
    func word(at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset &+ 8 <= count)
        return unsafe UInt64(
            littleEndian: UnsafeRawPointer(base + offset).loadUnaligned(as: UInt64.self)
        )
    }
}
