import HTTP

/// The value of one request field in the form in which Vary compares it (RFC 9111 section 4.1): its lines joined by
/// commas, without blanks around commas outside quotes. Walks byte by byte, each of them once, and allocates nothing.
@safe
struct SelectingField {
    private let fields: FieldSection
    private let known: FieldName
    private let name: ByteView
    private var line: ByteView = .empty
    private var lineIndex = -1
    private var index = 0
    /// Where a run of blanks ends that belongs to the value.
    private var blanksEnd = 0
    private var isQuoted = false
    private var followsComma = true

    /// Longer values choose nothing, and what they would choose is not stored: comparing them holds up everybody.
    static let bytesLimit = 1024

    init(_ fields: FieldSection, known: FieldName, name: ByteView) {
        self.fields = fields
        self.known = known
        self.name = name
        advanceLine()
    }

    /// Whether the request has the field at all: absent and empty differ.
    var isPresent: Bool { lineIndex >= 0 }

    /// Whether the value is too long to be compared.
    var isTooLong: Bool {
        var count = 0
        var next: Int? = lineIndex < 0 ? nil : lineIndex
        while let index = next {
            count += fields.value(index).count
            if count > Self.bytesLimit { return true }
            next = nextLine(from: index + 1)
        }
        return false
    }

    /// The next byte of the value, nil at its end.
    mutating func next() -> UInt8? {
        while isPresent {
            guard index < line.count else {
                guard advanceLine() else { return nil }
                followsComma = true
                return 0x2C
            }
            if skipsBlanks() { continue }
            let byte = line[index]
            index += 1
            if byte == 0x22 { isQuoted.toggle() }
            followsComma = byte == 0x2C && !isQuoted
            return byte
        }
        return nil
    }

    /// Whether the value is these bytes.
    consuming func equals(_ stored: ByteView) -> Bool {
        for index in 0..<stored.count where next() != stored[index] { return false }
        return next() == nil
    }

    @discardableResult
    private mutating func advanceLine() -> Bool {
        guard let found = nextLine(from: lineIndex + 1) else { return false }
        lineIndex = found
        line = fields.value(found)
        index = 0
        blanksEnd = 0
        isQuoted = false
        return true
    }

    private func nextLine(from start: Int) -> Int? {
        known == .other
            ? fields.firstIndex(named: name, from: start)
            : fields.firstIndex(of: known, from: start)
    }

    /// Leaves out a run of blanks that begins here if a comma stands before or behind it.
    private mutating func skipsBlanks() -> Bool {
        guard !isQuoted, index >= blanksEnd, isBlank(line[index]) else { return false }
        var end = index
        while end < line.count, isBlank(line[end]) { end += 1 }
        if followsComma || end < line.count && line[end] == 0x2C {
            index = end
            return true
        }
        blanksEnd = end
        return false
    }

    private func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09
    }
}
