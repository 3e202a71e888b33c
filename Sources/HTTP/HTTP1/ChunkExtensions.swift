/// Reads the extensions behind a chunk size (RFC 9112 section 7.1.1), which are dropped, but only when they are some:
/// names with or without a token or a quoted string. A reader that takes a line end inside quotes for none would see
/// other chunks than one that does not.
struct ChunkExtensions {
    private enum State {
        /// Behind a semicolon. Can transition to: `name`.
        case beforeName
        /// Inside a name. Can transition to: `behindName`, `beforeName`, `beforeValue`.
        case name
        /// In the blanks behind a name. Can transition to: `beforeName`, `beforeValue`.
        case behindName
        /// Behind an equals sign. Can transition to: `token`, `quoted`.
        case beforeValue
        /// Inside a value. Can transition to: `blanks`, `beforeName`.
        case token
        /// Inside a quoted string. Can transition to: `escape`, `closed`.
        case quoted
        /// Behind a backslash. Can transition to: `quoted`.
        case escape
        /// Behind the closing quote. Can transition to: `blanks`, `beforeName`.
        case closed
        /// In blanks behind a size or a value. Can transition to: `beforeName`.
        case blanks
    }

    private var state = State.blanks

    /// Whether the line may end here.
    var mayEnd: Bool {
        switch state {
        case .name, .token, .closed: true
        default: false
        }
    }

    /// Takes the next byte, which is no CR; false if it may not stand here.
    mutating func accept(_ byte: UInt8) -> Bool {
        guard let next = next(byte) else { return false }
        state = next
        return true
    }

    private func next(_ byte: UInt8) -> State? {
        let isBlank = ASCII.isBlank(byte)
        switch state {
        case .beforeName:
            return isBlank ? .beforeName : ASCIISet.token.contains(byte) ? .name : nil
        case .name:
            if ASCIISet.token.contains(byte) { return .name }
            return isBlank ? .behindName : Self.separator(byte, orValue: true)
        case .behindName: return isBlank ? .behindName : Self.separator(byte, orValue: true)
        case .beforeValue:
            if isBlank { return .beforeValue }
            return byte == 0x22 ? .quoted : ASCIISet.token.contains(byte) ? .token : nil
        case .token:
            if ASCIISet.token.contains(byte) { return .token }
            return isBlank ? .blanks : Self.separator(byte, orValue: false)
        case .quoted:
            if byte == 0x22 { return .closed }
            return byte == 0x5C ? .escape : Self.isText(byte) ? .quoted : nil
        case .escape: return Self.isText(byte) ? .quoted : nil
        case .closed, .blanks:
            return isBlank ? .blanks : Self.separator(byte, orValue: false)
        }
    }

    private static func separator(_ byte: UInt8, orValue: Bool) -> State? {
        byte == 0x3B ? .beforeName : byte == 0x3D && orValue ? .beforeValue : nil
    }

    private static func isText(_ byte: UInt8) -> Bool {
        byte == ASCII.tab || byte >= 0x20 && byte != 0x7F
    }
}
