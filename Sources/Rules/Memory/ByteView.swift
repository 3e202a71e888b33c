import Glibc

/// Bytes that somebody else owns: a slice of the request, of an arena or of the program's constants.
///
/// A view made during a transaction is valid until that transaction is reset. Reading is bounds-checked.
///
/// Unchecked because of the pointer: views only read, and what outlives a transaction is never written again.
@safe struct ByteView: @unchecked Sendable {
    private let start: UnsafePointer<UInt8>?
    let count: Int

    /// The empty view.
    init() {
        unsafe start = nil
        count = 0
    }

    /// - Parameter bytes: must outlive the view.
    @unsafe init(_ bytes: UnsafeRawBufferPointer) {
        unsafe start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        count = bytes.count
    }

    /// - Parameter start: `count` bytes that must outlive the view.
    @unsafe init(start: UnsafePointer<UInt8>?, count: Int) {
        unsafe self.start = start
        self.count = count
    }

    /// Constants live as long as the program.
    init(_ text: StaticString) {
        unsafe self.init(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }

    var isEmpty: Bool { count == 0 }

    /// The address of the first byte, for the C libraries; nil only if the view is empty.
    @unsafe var address: UnsafePointer<UInt8>? { unsafe start }

    @inline(__always)
    subscript(_ index: Int) -> UInt8 {
        precondition(
            UInt(bitPattern: index) < UInt(bitPattern: count),
            "byte index outside the view"
        )
        return unsafe start.unsafelyUnwrapped[index]
    }

    /// The part of the view in `range`, cut to the view's own bounds.
    @inline(__always)
    subscript(_ range: Range<Int>) -> ByteView {
        let lower = min(max(range.lowerBound, 0), count)
        let upper = min(max(range.upperBound, lower), count)
        return unsafe ByteView(start: start.map { unsafe $0 + lower }, count: upper - lower)
    }

    subscript(_ range: ClosedRange<Int>) -> ByteView {
        self[range.lowerBound..<(range.upperBound + 1)]
    }

    func prefix(_ length: Int) -> ByteView { self[0..<max(length, 0)] }
    func dropFirst(_ length: Int = 1) -> ByteView { self[min(max(length, 0), count)..<count] }
    func suffix(_ length: Int) -> ByteView { self[max(count - length, 0)..<count] }

    /// The byte at `index`, or nil outside the view.
    @inline(__always)
    func at(_ index: Int) -> UInt8? { index >= 0 && index < count ? self[index] : nil }
}

extension ByteView {
    /// Runs `body` on the bytes; the pointer must not leave it.
    @inline(__always)
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        unsafe body(UnsafeBufferPointer(start: start, count: count))
    }

    func firstIndex(of byte: UInt8, from index: Int = 0) -> Int? {
        guard index >= 0, index < count, let start = unsafe start else { return nil }
        guard let found = unsafe memchr(start + index, Int32(byte), count - index) else {
            return nil
        }
        return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(start)
    }

    func lastIndex(of byte: UInt8) -> Int? {
        var position = count - 1
        while position >= 0 {
            if self[position] == byte { return position }
            position -= 1
        }
        return nil
    }

    func contains(_ byte: UInt8) -> Bool { firstIndex(of: byte) != nil }

    /// The view without leading and trailing bytes that `isDropped` names.
    func trimming(leading: Bool = true, trailing: Bool = true, _ isDropped: (UInt8) -> Bool)
        -> ByteView
    {
        var lower = 0
        var upper = count
        while leading, lower < upper, isDropped(self[lower]) { lower += 1 }
        while trailing, upper > lower, isDropped(self[upper - 1]) { upper -= 1 }
        return self[lower..<upper]
    }

    /// The bytes as an array of their own.
    var array: [UInt8] { unsafe withBytes { unsafe Array($0) } }

    /// The bytes as text, invalid UTF-8 repaired.
    var text: String { unsafe withBytes { unsafe String(decoding: $0, as: UTF8.self) } }
}

extension [UInt8] {
    /// Runs `body` on the array's bytes; the view must not leave it.
    @inline(__always)
    func withView<Result>(_ body: (ByteView) -> Result) -> Result {
        unsafe withUnsafeBytes { unsafe body(ByteView($0)) }
    }
}
