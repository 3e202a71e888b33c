import HTTP

/// The value of one request field in the form in which Vary compares it (RFC 9111 section 4.1): its lines joined by
/// commas, without blanks around commas outside quotes. Walks byte by byte and allocates nothing.
@safe
struct SelectingField {
    private let fields: FieldSection
    private let known: FieldName
    private let name: ByteView
    private var line: ByteView = .empty
    private var lineIndex = -1
    private var index = 0
    private var isQuoted = false
    private var followsComma = true

    init(_ fields: FieldSection, known: FieldName, name: ByteView) {
        self.fields = fields
        self.known = known
        self.name = name
        advanceLine()
    }

    /// Whether the request has the field at all: absent and empty differ.
    var isPresent: Bool { lineIndex >= 0 }

    /// The next byte of the value, nil at its end.
    mutating func next() -> UInt8? {
        while isPresent {
            guard index < line.count else {
                guard advanceLine() else { return nil }
                followsComma = true
                return 0x2C
            }
            let byte = line[index]
            index += 1
            if !isQuoted, isBlank(byte), followsComma || isBeforeComma { continue }
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
        let start = lineIndex + 1
        let next =
            known == .other
            ? fields.firstIndex(named: name, from: start)
            : fields.firstIndex(of: known, from: start)
        guard let found = next else { return false }
        lineIndex = found
        line = fields.value(found)
        index = 0
        isQuoted = false
        return true
    }

    /// Whether only blanks stand between here and the next comma.
    private var isBeforeComma: Bool {
        var ahead = index
        while ahead < line.count, isBlank(line[ahead]) { ahead += 1 }
        return ahead < line.count && line[ahead] == 0x2C
    }

    private func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09
    }
}
