import HTTP

extension ByteView {
    func equals(_ other: [UInt8]) -> Bool {
        unsafe other.withUnsafeBytes { unsafe equals(ByteView($0)) }
    }

    func equalsIgnoringCase(_ other: [UInt8]) -> Bool {
        unsafe other.withUnsafeBytes { unsafe equalsIgnoringCase(ByteView($0)) }
    }
}
