/// Bytes on their way out: appended at the end, consumed from the front, in storage that grows up to a limit.
///
/// What would pass the limit is not stored, not even in part, and `isFull` stays true until everything is removed: a
/// caller that writes a message checks once, before sending. Views end with the next change of the buffer.
@safe
public final class OutputBuffer {
    @usableFromInline
    @safe
    struct State {
        @usableFromInline var base: UnsafeMutablePointer<UInt8>
        @usableFromInline var capacity = 0
        @usableFromInline var start = 0
        @usableFromInline var end = 0
        var isFull = false
    }

    // Behind a pointer, since each access to a stored property of a class is checked for exclusiveness at run time.
    @usableFromInline let state: UnsafeMutablePointer<State>
    /// Most bytes the buffer holds at a time.
    public let limitBytes: Int

    /// Whether something was left out because of the limit.
    public private(set) var isFull: Bool {
        get { unsafe state.pointee.isFull }
        set { unsafe state.pointee.isFull = newValue }
    }

    /// An empty buffer; storage comes with the first byte.
    public init(limitBytes: Int = 1024 * 1024) {
        self.limitBytes = max(0, limitBytes)
        unsafe state = .allocate(capacity: 1)
        unsafe state.initialize(to: State(base: .allocate(capacity: 0)))
    }

    deinit {
        unsafe base.deallocate()
        unsafe state.deallocate()
    }

    @inlinable
    var base: UnsafeMutablePointer<UInt8> {
        get { unsafe state.pointee.base }
        set { unsafe state.pointee.base = newValue }
    }

    @inlinable
    var capacity: Int {
        get { unsafe state.pointee.capacity }
        set { unsafe state.pointee.capacity = newValue }
    }

    @inlinable
    var start: Int {
        get { unsafe state.pointee.start }
        set { unsafe state.pointee.start = newValue }
    }

    @inlinable
    var end: Int {
        get { unsafe state.pointee.end }
        set { unsafe state.pointee.end = newValue }
    }

    /// Number of bytes not yet consumed.
    @inlinable
    public var count: Int { end &- start }

    /// Bytes of storage, in use or not.
    public var capacityBytes: Int { capacity }

    @inlinable
    public var isEmpty: Bool { end == start }

    /// The bytes not yet consumed.
    @inlinable
    public var readable: ByteView {
        unsafe ByteView(UnsafePointer(base) + start, count: end &- start)
    }

    /// Forgets the first `length` bytes.
    @inlinable
    public func consume(_ length: Int) {
        precondition(length >= 0 && length <= count)
        start &+= length
        if start == end {
            start = 0
            end = 0
        }
    }

    /// Forgets everything, and gives the storage back unless it is wanted again.
    public func removeAll(keepingCapacity: Bool = false) {
        start = 0
        end = 0
        isFull = false
        guard !keepingCapacity, capacity > 0 else { return }
        unsafe base.deallocate()
        unsafe base = .allocate(capacity: 0)
        capacity = 0
    }

    /// Forgets what was appended last, so that `length` bytes remain: a message that did not fit is taken back whole.
    public func truncate(to length: Int) {
        precondition(length >= 0 && length <= count)
        end = start &+ length
        isFull = false
    }

    /// Appends a copy of the bytes, which must not be this buffer's own.
    @inlinable
    public func append(_ view: ByteView) {
        guard capacity &- end >= view.count || makeRoom(view.count) else { return }
        unsafe (base + end).update(from: view.base, count: view.count)
        end &+= view.count
    }

    /// Appends the bytes between quotation marks.
    public func appendQuoted(_ view: ByteView) {
        let length = view.count &+ 2
        guard capacity &- end >= length || makeRoom(length) else { return }
        unsafe base[end] = 0x22
        unsafe (base + (end &+ 1)).update(from: view.base, count: view.count)
        end &+= length
        unsafe base[end &- 1] = 0x22
    }

    /// Inlined, so that the length is known and no function is called to copy a few bytes.
    @inlinable
    @inline(__always)
    public func append(_ literal: StaticString) {
        let length = literal.utf8CodeUnitCount
        guard capacity &- end >= length || makeRoom(length) else { return }
        unsafe (base + end).update(from: literal.utf8Start, count: length)
        end &+= length
    }

    public func append(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe append(ByteView($0)) }
    }

    public func append(_ bytes: ArraySlice<UInt8>) {
        unsafe bytes.withUnsafeBytes { unsafe append(ByteView($0)) }
    }

    /// Appends the UTF-8 of a string; for messages, not for the hot path.
    ///
    /// Disfavoured, so that a literal is taken as a `StaticString`, whose bytes need no String around them.
    @_disfavoredOverload
    public func append(_ text: String) {
        var text = text
        text.withUTF8 { unsafe append(ByteView(UnsafeRawBufferPointer($0))) }
    }

    @inlinable
    public func append(byte: UInt8) {
        guard capacity &- end >= 1 || makeRoom(1) else { return }
        unsafe base[end] = byte
        end &+= 1
    }

    @inlinable
    public func appendCRLF() {
        append("\r\n")
    }

    /// Appends the number in decimal; a negative one with its sign.
    public func append(decimal value: Int) {
        if value < 0 { append(byte: 0x2D) }
        var rest = value.magnitude
        let length = Self.digitCount(rest)
        guard capacity &- end >= length || makeRoom(length) else { return }
        end &+= length
        var place = unsafe base + end
        while rest >= 100 {
            let (quotient, pair) = rest.quotientAndRemainder(dividingBy: 100)
            unsafe place -= 2
            unsafe Self.write(pair: pair, to: place)
            rest = quotient
        }
        if rest >= 10 {
            unsafe Self.write(pair: rest, to: place - 2)
        } else {
            unsafe (place - 1).pointee = UInt8(truncatingIfNeeded: rest) &+ 0x30
        }
    }

    @inline(__always)
    private static func write(pair: UInt, to place: UnsafeMutablePointer<UInt8>) {
        unsafe place.update(from: pairs.utf8Start + Int(pair) &* 2, count: 2)
    }

    /// The digits of all numbers below a hundred.
    private static var pairs: StaticString {
        """
        00010203040506070809101112131415161718192021222324\
        25262728293031323334353637383940414243444546474849\
        50515253545556575859606162636465666768697071727374\
        75767778798081828384858687888990919293949596979899
        """
    }

    /// Decimal digits of a number; most are short ones.
    @inline(__always)
    private static func digitCount(_ value: UInt) -> Int {
        var length = 0
        var rest = value
        while rest >= 1000 {
            rest /= 1000
            length &+= 3
        }
        return length &+ (rest < 10 ? 1 : rest < 100 ? 2 : 3)
    }

    /// Appends the number in lower-case hexadecimal without leading zeros.
    public func append(hex value: UInt) {
        var rest = value
        let length = max(1, (67 &- value.leadingZeroBitCount) / 4)
        guard capacity &- end >= length || makeRoom(length) else { return }
        end &+= length
        for place in 1...length {
            let digit = UInt8(truncatingIfNeeded: rest & 15)
            unsafe base[end &- place] = digit < 10 ? digit &+ 0x30 : digit &+ 0x57
            rest >>= 4
        }
    }

    /// Appends the number as sixteen digits of lower-case hexadecimal.
    public func append(paddedHex value: UInt64) {
        guard capacity &- end >= 16 || makeRoom(16) else { return }
        let target = unsafe UnsafeMutableRawPointer(base + end)
        unsafe target.storeBytes(
            of: Self.digits(UInt32(truncatingIfNeeded: value >> 32)).bigEndian,
            as: UInt64.self
        )
        unsafe (target + 8).storeBytes(
            of: Self.digits(UInt32(truncatingIfNeeded: value)).bigEndian,
            as: UInt64.self
        )
        end &+= 16
    }

    /// The eight hexadecimal digits of a word, the first in the highest byte: nibbles are spread to bytes, and those
    /// above nine moved on from the digits to the letters.
    private static func digits(_ value: UInt32) -> UInt64 {
        var word = UInt64(value)
        word = (word | word << 16) & 0x0000_FFFF_0000_FFFF
        word = (word | word << 8) & 0x00FF_00FF_00FF_00FF
        word = (word | word << 4) & 0x0F0F_0F0F_0F0F_0F0F
        let letters = (word &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return word &+ 0x3030_3030_3030_3030 &+ letters &* 0x27
    }

    /// Lends at least `length` free bytes to a reader, such as `recv`, which returns how many it filled.
    ///
    /// - Returns: what the body returned, or nil when the limit leaves no such room.
    public func fill<Failure: Error>(
        atLeast length: Int,
        _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) -> Int? {
        guard length >= 0, capacity &- end >= length || makeRoom(length) else { return nil }
        let free = unsafe UnsafeMutableRawBufferPointer(start: base + end, count: capacity &- end)
        let filled = try unsafe body(free)
        precondition(filled <= free.count)
        if filled > 0 { end &+= filled }
        return filled
    }

    /// Makes room for `length` bytes behind the last one: by moving the rest to the front, or by growing.
    @usableFromInline
    @inline(never)
    func makeRoom(_ length: Int) -> Bool {
        let used = count
        guard length <= limitBytes &- used, !isFull else {
            isFull = true
            return false
        }
        if start > 0, capacity &- used >= length, start >= capacity / 2 {
            unsafe base.update(from: base + start, count: used)
        } else {
            let grown = min(max(1024, capacity * 2, used + length), max(limitBytes, used + length))
            let fresh = UnsafeMutablePointer<UInt8>.allocate(capacity: grown)
            unsafe fresh.update(from: base + start, count: used)
            unsafe base.deallocate()
            unsafe base = fresh
            capacity = grown
        }
        start = 0
        end = used
        return true
    }
}
