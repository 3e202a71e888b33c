/// A set of bytes to be looked for, sixteen positions at a time where it consists of few runs of neighbouring bytes,
/// through a table where not.
struct ByteSet: Sendable {
    private struct Run {
        var lowest: SIMD16<UInt8>
        var span = SIMD16<UInt8>(repeating: 0)
    }

    /// The comparisons that stand for the set: a fixed number, so that they need no loop. What is not used repeats a
    /// member.
    private final class Comparisons: Sendable {
        /// Everything below, as signed numbers: bytes from 80 to FF, and control bytes.
        private let bound: SIMD16<Int8>
        private let runs: (Run, Run, Run)
        private let bytes: (SIMD16<UInt8>, SIMD16<UInt8>, SIMD16<UInt8>, SIMD16<UInt8>)

        /// Nil if the set has too many parts.
        init?(_ isMember: [Bool]) {
            var parts: [ClosedRange<Int>] = []
            for number in -128...127 where isMember[number & 255] {
                if let last = parts.last, last.upperBound == number - 1 {
                    parts[parts.count - 1] = last.lowerBound...number
                } else {
                    parts.append(number...number)
                }
            }
            var bound = Int8.min
            if let first = parts.first, first.lowerBound == -128, first.upperBound < 127 {
                bound = Int8(truncatingIfNeeded: first.upperBound + 1)
                parts.removeFirst()
            }
            guard let filler = (-128...127 as ClosedRange<Int>).first(where: { isMember[$0 & 255] })
            else { return nil }
            var runs: [Run] = []
            var bytes: [SIMD16<UInt8>] = []
            for part in parts {
                let lowest = SIMD16(repeating: UInt8(truncatingIfNeeded: part.lowerBound))
                let span = SIMD16(repeating: UInt8(truncatingIfNeeded: part.count - 1))
                if part.count == 1, bytes.count < 4 {
                    bytes.append(lowest)
                } else {
                    runs.append(Run(lowest: lowest, span: span))
                }
            }
            guard runs.count <= 3 else { return nil }
            let spare = SIMD16(repeating: UInt8(truncatingIfNeeded: filler))
            while bytes.count < 4 { bytes.append(spare) }
            while runs.count < 3 { runs.append(Run(lowest: spare)) }
            self.bound = SIMD16(repeating: bound)
            self.runs = (runs[0], runs[1], runs[2])
            self.bytes = (bytes[0], bytes[1], bytes[2], bytes[3])
        }

        @inline(__always)
        func hits(_ chunk: SIMD16<UInt8>) -> SIMDMask<SIMD16<Int8>> {
            var found = SIMD16<Int8>(truncatingIfNeeded: chunk) .< bound
            found .|= (chunk &- runs.0.lowest) .<= runs.0.span
            found .|= (chunk &- runs.1.lowest) .<= runs.1.span
            found .|= (chunk &- runs.2.lowest) .<= runs.2.span
            found .|= chunk .== bytes.0
            found .|= chunk .== bytes.1
            found .|= chunk .== bytes.2
            found .|= chunk .== bytes.3
            return found
        }
    }

    private let comparisons: Comparisons?
    private let isMember: [Bool]
    let isEmpty: Bool

    init(_ bytes: some Sequence<UInt8>) {
        var isMember = [Bool](repeating: false, count: 256)
        for byte in bytes { isMember[Int(byte)] = true }
        self.isMember = isMember
        isEmpty = !isMember.contains(true)
        comparisons = Comparisons(isMember)
    }

    func contains(_ byte: UInt8) -> Bool { isMember[Int(byte)] }

    /// Whether every member is in `other` too.
    func isSubset(of other: ByteSet) -> Bool {
        isMember.indices.allSatisfy { !isMember[$0] || other.isMember[$0] }
    }

    /// Whether some byte of `value` is in the set.
    func intersects(_ value: ByteView) -> Bool {
        if isEmpty || value.isEmpty { return false }
        if value.count >= 16, let comparisons { return ByteSet.compares(value, comparisons) }
        return looksUp(value)
    }

    private func looksUp(_ value: ByteView) -> Bool {
        unsafe isMember.withUnsafeBufferPointer { isMember in
            unsafe value.withBytes { bytes in
                for index in bytes.indices where unsafe isMember[Int(bytes[index])] { return true }
                return false
            }
        }
    }

    private static func compares(_ value: ByteView, _ comparisons: Comparisons) -> Bool {
        unsafe value.withBytes { bytes in
            guard let start = unsafe bytes.baseAddress.map({ unsafe UnsafeRawPointer($0) }) else {
                return false
            }
            // The last step overlaps the one before it, so that nothing beyond the end is read.
            let last = bytes.count - 16
            var found = unsafe comparisons.hits(
                start.loadUnaligned(fromByteOffset: last, as: SIMD16<UInt8>.self)
            )
            var offset = 0
            while offset < last {
                unsafe found
                    .|= comparisons.hits(
                        start.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
                    )
                offset &+= 16
            }
            let words = unsafe unsafeBitCast(found, to: SIMD2<UInt64>.self)
            return words[0] | words[1] != 0
        }
    }
}
