/// Reads header blocks of HTTP/2, one after the other, into the same tables that heads of HTTP/1.1 fill, strictly.
///
/// What HTTP/2 forbids makes the message malformed (RFC 9113 section 8.1.1), which resets its stream; what a request
/// of any version may not have (a head too large, an expectation nobody knows) is refused with a status. The first
/// fault counts, and nothing is stored behind it. Of a connection's blocks only one is read at a time, so that one
/// reader serves them all. Confined to the thread of its session.
@safe
final class HeaderBlockReader {
    /// What a block opens or ends.
    enum Kind { case request, response, trailers }

    enum Fault: Equatable {
        case malformed
        case refused(HeadError)
    }

    /// What the pseudo-header fields say, stored without their names.
    struct PseudoFields {
        var method: Range<Int>?
        var scheme: Range<Int>?
        var path: Range<Int>?
        var authority: Range<Int>?
        var protocolName: Range<Int>?
        var status: Int?
    }

    private(set) var pseudo = PseudoFields()
    private(set) var fault: Fault?

    private var kind = Kind.request
    private var limits = HeadLimits()
    /// Where the fields go.
    private var section: FieldSection?
    private var isBehindPseudoFields = false
    private var hasHost = false
    private var listBytes = 0
    /// The crumbs of the cookie, which a client may send as fields of their own; one field for all who read it.
    private var cookie: [UInt8] = []

    /// Begins a block whose fields go into `section`.
    func begin(_ kind: Kind, into section: FieldSection, limits: HeadLimits) {
        self.kind = kind
        self.section = section
        self.limits = limits
        pseudo = PseudoFields()
        fault = nil
        isBehindPseudoFields = false
        hasHost = false
        listBytes = 0
        cookie.removeAll(keepingCapacity: true)
    }

    /// Whether the list is so long that no client can have meant it: references of one byte may stand for thousands.
    var isBeyondReason: Bool { listBytes > 4 * limits.headBytes }

    /// Reads one field; beyond the limit it is only counted.
    func read(name: ByteView, value: ByteView) {
        listBytes += name.count + value.count
        guard listBytes <= limits.headBytes else { return refuse(.headTooLarge) }
        section?.change { read(name, value, into: &$0) }
    }

    @inline(__always)
    private func read(_ name: ByteView, _ value: ByteView, into table: inout FieldTable) {
        if case .malformed = fault { return }
        guard !name.isEmpty, value.isHTTP2FieldValue else { return fault = .malformed }
        if name[0] == 0x3A {
            readPseudoField(name, value, into: &table)
        } else {
            isBehindPseudoFields = true
            readField(name, value, into: &table)
        }
    }

    /// Completes the block, once its last field has been read, and lets go of where its fields went.
    func finish() {
        defer { section = nil }
        guard !cookie.isEmpty, fault == nil else { return }
        _ = section?.change { table in
            unsafe cookie.withUnsafeBytes {
                unsafe table.appendLine(ByteView("cookie"), ByteView($0), known: .cookie)
            }
        }
    }

    private func refuse(_ error: HeadError) {
        if fault == nil { fault = .refused(error) }
    }

    // MARK: Pseudo-header fields

    private func readPseudoField(
        _ name: ByteView,
        _ value: ByteView,
        into table: inout FieldTable
    ) {
        guard !isBehindPseudoFields, kind != .trailers else { return fault = .malformed }
        if kind == .response { return readStatus(name, value) }
        guard !value.isEmpty else { return fault = .malformed }
        if name.equals(":method"), pseudo.method == nil {
            pseudo.method = table.appendBytes(value)
        } else if name.equals(":path"), pseudo.path == nil {
            if value.count > limits.requestLineBytes { refuse(.requestLineTooLong) }
            pseudo.path = table.appendBytes(value)
        } else if name.equals(":scheme"), pseudo.scheme == nil {
            pseudo.scheme = table.appendBytes(value)
        } else if name.equals(":authority"), pseudo.authority == nil {
            pseudo.authority = table.appendLine(ByteView("host"), value, known: .host)
        } else if name.equals(":protocol"), pseudo.protocolName == nil {
            pseudo.protocolName = table.appendBytes(value)
        } else {
            fault = .malformed
        }
    }

    private func readStatus(_ name: ByteView, _ value: ByteView) {
        guard name.equals(":status"), pseudo.status == nil, value.count == 3,
            let code = value.decimal, (100...599).contains(code)
        else { return fault = .malformed }
        pseudo.status = code
    }

    // MARK: Fields

    private func readField(
        _ name: ByteView,
        _ value: ByteView,
        into table: inout FieldTable
    ) {
        let known = FieldName(recognisingToken: name)
        // A known name is one in its own spelling, which is quicker to see than what each byte is.
        let isLowerToken = known == .other ? name.allSatisfy(.lowerToken) : name.equals(known.text)
        guard isLowerToken, name.count <= FieldLineParser.nameBytesLimit else {
            return fault = .malformed
        }
        if table.count >= limits.fieldCount { return refuse(.tooManyFields) }
        guard fault == nil else { return }
        switch known {
        case .connection, .proxyConnection, .keepAlive, .transferEncoding, .upgrade:
            fault = .malformed
        case .te where !value.equalsIgnoringCase("trailers"):
            fault = .malformed
        case .host where kind == .request && pseudo.authority != nil:
            // The line that `:authority` became stands already; another name is another host.
            guard let authority = pseudo.authority, !hasHost,
                table.view(authority).equalsIgnoringCase(value)
            else { return fault = .malformed }
            hasHost = true
        case .host, .contentLength:
            guard kind != .trailers, !table.seen.contains(known) else {
                return fault = .malformed
            }
            _ = table.appendLine(name, value, known: known)
        case .cookie where kind == .request:
            if !cookie.isEmpty { cookie += [0x3B, 0x20] }
            unsafe value.withUnsafeBytes { unsafe cookie.append(contentsOf: $0) }
        default:
            _ = table.appendLine(name, value, known: known)
        }
    }
}

extension ByteView {
    /// Whether the bytes may stand as a field value of HTTP/2: no control byte but tabs, no blank at either end.
    var isHTTP2FieldValue: Bool {
        isEmpty || !ASCII.isBlank(self[0]) && !ASCII.isBlank(self[count - 1]) && isFieldValue
    }
}

extension ASCIISet {
    /// What a field name of HTTP/2 is made of: `tchar` without capitals.
    static var lowerToken: ASCIISet {
        ASCIISet(low: token.low, high: token.high & ~0x07FF_FFFE)
    }
}

extension FieldTable {
    /// Stores bytes behind the others and returns where they stand.
    mutating func appendBytes(_ bytes: ByteView) -> Range<Int> {
        reserveMore(bytes.count)
        let start = storageCount
        unsafe appendBytes { room in
            var filled = 0
            unsafe room.put(bytes, at: &filled)
            return filled
        }
        return start..<storageCount
    }

    /// Stores a line in the form of HTTP/1.1, so that it can be written on as it stands; returns its value's place.
    mutating func appendLine(_ name: ByteView, _ value: ByteView, known: FieldName) -> Range<Int> {
        reserveMore(name.count + value.count + 4)
        let start = storageCount
        unsafe appendBytes { room in
            var filled = 0
            unsafe room.put(name, at: &filled)
            unsafe room.put(0x3A, ASCII.space, at: &filled)
            unsafe room.put(value, at: &filled)
            unsafe room.put(ASCII.carriageReturn, ASCII.lineFeed, at: &filled)
            return filled
        }
        let valueStart = start + name.count + 2
        append(
            Line(
                nameStart: UInt32(truncatingIfNeeded: start),
                valueStart: UInt32(truncatingIfNeeded: valueStart),
                valueLength: UInt32(truncatingIfNeeded: value.count),
                nameLength: UInt16(truncatingIfNeeded: name.count),
                name: known,
                isHopByHop: known.isHopByHop
            )
        )
        return valueStart..<valueStart + value.count
    }

    private mutating func reserveMore(_ length: Int) {
        guard storageCapacity - storageCount < length else { return }
        reserve(max(storageCount + length, storageCapacity * 2))
    }
}

extension UnsafeMutableBufferPointer<UInt8> {
    /// Copies the bytes to `place`, where room for them was reserved, and moves it behind them.
    fileprivate func put(_ bytes: ByteView, at place: inout Int) {
        guard let start = baseAddress else { return }
        precondition(place + bytes.count <= count)
        unsafe (start + place).update(from: bytes.base, count: bytes.count)
        place += bytes.count
    }

    /// The same for two bytes, which are not worth a call that copies them.
    fileprivate func put(_ first: UInt8, _ second: UInt8, at place: inout Int) {
        precondition(place + 2 <= count)
        unsafe self[place] = first
        unsafe self[place + 1] = second
        place += 2
    }
}
