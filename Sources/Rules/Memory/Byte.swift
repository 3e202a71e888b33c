/// ASCII facts about a byte; bytes above 7F belong to no class.
extension UInt8 {
    @inline(__always) var foldedCase: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }
    @inline(__always) var isUppercase: Bool { self &- 0x41 < 26 }
    @inline(__always) var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
    @inline(__always) var isDigit: Bool { self &- 0x30 < 10 }
    @inline(__always) var isWordByte: Bool { isLetter || isDigit || self == 0x5F }
    /// Space, tab, line feed, vertical tab, form feed, carriage return.
    @inline(__always) var isWhitespace: Bool { self == 0x20 || self &- 0x09 < 5 }
    @inline(__always) var decimalDigit: Int? { isDigit ? Int(self &- 0x30) : nil }
    @inline(__always) var isOctalDigit: Bool { self &- 0x30 < 8 }

    @inline(__always) var hexDigit: UInt8? {
        if isDigit { return self &- 0x30 }
        let letter = (self | 0x20) &- 0x61
        return letter < 6 ? letter &+ 10 : nil
    }

    /// The lower-case hexadecimal digit of a value below 16.
    @inline(__always) static func hexDigit(of value: UInt8) -> UInt8 {
        let nibble = value & 15
        return nibble < 10 ? nibble &+ 0x30 : nibble &+ 0x57
    }
}
