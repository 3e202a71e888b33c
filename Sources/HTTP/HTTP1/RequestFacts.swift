/// What a request head says beside its fields; collected while parsing, then handed to the head whole.
struct RequestFacts {
    var method = Method.other
    var version = HTTPVersion.http11
    var framing = Framing.none
    var keepAlive = true
    var expectsContinue = false
    var asksForUpgrade = false
    var isExtendedConnect = false
    var methodPlace = 0..<0
    var target = TargetPlaces()
    var hostPlace = 0..<0
    var port: UInt16?

    /// Reads `method SP target SP version`; offsets count from the first byte of the view.
    mutating func readRequestLine(_ view: ByteView, _ start: Int, _ end: Int) throws(HeadError) {
        guard let firstSpace = view.firstIndex(of: ASCII.space, from: start), firstSpace < end
        else {
            throw .badRequestLine
        }
        let name = view[start..<firstSpace]
        method = Method(recognising: name)
        if method == .other {
            guard !name.isEmpty, name.count <= 64, name.allSatisfy(.token) else { throw .badMethod }
        }
        let targetStart = firstSpace &+ 1
        let targetEnd = end &- 9
        guard targetEnd >= targetStart, view[targetEnd] == ASCII.space else {
            let rest = view[targetStart..<end]
            guard let space = rest.firstIndex(of: ASCII.space) else { throw .badRequestLine }
            throw space == rest.count &- 1 ? .missingVersion : .badVersion
        }
        version = try HTTPVersion(parsing: view[targetEnd &+ 1..<end])
        guard targetEnd > targetStart else { throw .badRequestLine }
        methodPlace = start..<firstSpace
        target.raw = targetStart..<targetEnd
    }

    /// Checks what the parts of a complete head say together.
    @inline(__always)
    mutating func complete(_ fields: inout FieldTable) throws(HeadError) {
        try target.parse(in: &fields, method: method)
        try readHost(fields)
        let options = try ConnectionOptions(reading: fields, ofRequest: true)
        keepAlive = options.keepsAlive(version)
        asksForUpgrade = options.upgrade && version == .http11 && fields.seen.contains(.upgrade)
        framing = try fields.framing(version) ?? .none
        if method == .connect || method == .trace, framing != .none, framing != .length(0) {
            throw .contentNotAllowed
        }
        if fields.seen.contains(.expect) { try readExpectation(fields) }
    }

    mutating func readHost(_ fields: FieldTable) throws(HeadError) {
        guard let index = fields.firstIndex(of: .host) else {
            if version != .http10 { throw .missingHost }
            if !target.authority.isEmpty { try readAuthority(target.authority, fields) }
            return
        }
        if fields.repeated.contains(.host) { throw .duplicateHost }
        let place = fields.valuePlace(index)
        try readAuthority(place, fields)
        // What `:authority` says stands as this very field.
        if !target.authority.isEmpty, target.authority != place {
            guard fields.view(target.authority).equalsIgnoringCase(fields.view(place)) else {
                throw .hostMismatch
            }
        }
    }

    private mutating func readAuthority(_ place: Range<Int>, _ fields: FieldTable) throws(HeadError) {
        guard let authority = Authority(parsing: fields.view(place)) else { throw .badHost }
        hostPlace = place.lowerBound..<place.lowerBound &+ authority.hostLength
        port = authority.port
        if method == .connect, port == nil { throw .badTarget }
    }

    mutating func readExpectation(_ fields: FieldTable) throws(HeadError) {
        guard version != .http10 else {
            // HTTP/1.0 knows no expectations; forwarded in a newer version, the field would become one.
            for index in 0..<fields.count where fields.line(at: index).name == .expect {
                fields.markHopByHop(index)
            }
            return
        }
        guard !fields.repeated.contains(.expect), let value = fields.first(of: .expect),
            value.equalsIgnoringCase("100-continue")
        else { throw .unknownExpectation }
        expectsContinue = true
    }
}

extension HTTPVersion {
    /// The version in these eight bytes; upper case, one digit on each side of the dot.
    ///
    /// A minor version above 1 is read as 1 (RFC 9110 section 2.5). Major version 0 never had a version to tell.
    init(parsing text: ByteView) throws(HeadError) {
        guard text.count == 8 else { throw .badVersion }
        let word = text.word(at: 0)
        if word == 0x312E_312F_5054_5448 {
            self = .http11
        } else if word == 0x302E_312F_5054_5448 {
            self = .http10
        } else {
            guard text.hasPrefix("HTTP/"), text[6] == 0x2E, ASCII.isDigit(text[7]) else {
                throw .badVersion
            }
            switch text[5] {
            case 0x31: self = .http11
            case 0x32...0x39: throw .versionNotSupported
            default: throw .badVersion
            }
        }
    }
}
