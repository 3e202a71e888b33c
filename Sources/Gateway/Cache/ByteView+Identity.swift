import Glibc
import HTTP

extension ByteView {
    /// Whether both hold the same bytes; for texts long enough to be worth a call.
    func isIdentical(to other: ByteView) -> Bool {
        guard count == other.count else { return false }
        return unsafe withUnsafeBytes { left in
            unsafe other.withUnsafeBytes { right in
                guard let left = left.baseAddress, let right = right.baseAddress else {
                    return true
                }
                return unsafe memcmp(left, right, count) == 0
            }
        }
    }
}
