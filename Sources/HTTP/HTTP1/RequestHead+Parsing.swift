extension RequestHead {
    /// Reads `method SP target SP version`; offsets count from the first byte of the view.
    func parseRequestLine(_ view: ByteView, _ start: Int, _ end: Int) throws(HeadError) {
        guard let firstSpace = view.firstIndex(of: ASCII.space, from: start), firstSpace < end else {
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
            throw view[targetStart..<end].contains(ASCII.space) ? .badVersion : .badRequestLine
        }
        version = try HTTPVersion(parsing: view[targetEnd &+ 1..<end])
        guard targetEnd > targetStart else { throw .badRequestLine }
        methodPlace = start..<firstSpace
        targetPlaces.raw = targetStart..<targetEnd
    }

    /// Takes the bytes of a complete head over, and checks what its parts say together.
    func complete(_ bytes: ByteView) throws(HeadError) {
        fields.adopt(bytes)
        try targetPlaces.parse(in: fields, method: method)
        try checkHost()
        try readConnection()
        try readFraming()
        try readExpectation()
    }

    private func checkHost() throws(HeadError) {
        guard let index = fields.firstIndex(of: .host) else {
            if version == .http11 { throw .missingHost }
            if !targetPlaces.authority.isEmpty { try readAuthority(targetPlaces.authority) }
            return
        }
        if fields.repeated.contains(.host) { throw .duplicateHost }
        let line = fields.line(at: index)
        let start = Int(line.valueStart)
        try readAuthority(start..<start &+ Int(line.valueLength))
        if !targetPlaces.authority.isEmpty, !view(targetPlaces.authority).equalsIgnoringCase(fields.value(index)) {
            throw .hostMismatch
        }
    }

    private func readAuthority(_ place: Range<Int>) throws(HeadError) {
        guard let authority = Authority(parsing: view(place)) else { throw .badHost }
        hostPlace = place.lowerBound..<place.lowerBound &+ authority.hostLength
        port = authority.port
        if method == .connect, port == nil { throw .badTarget }
    }

    private func readConnection() throws(HeadError) {
        let options = try ConnectionOptions(reading: fields)
        keepAlive = options.keepsAlive(version)
        asksForUpgrade = version == .http11 && options.upgrade && fields.contains(.upgrade)
    }

    private func readFraming() throws(HeadError) {
        framing = try fields.framing(version) ?? .none
        if framing != .none, framing != .length(0), method == .connect || method == .trace { throw .contentNotAllowed }
    }

    private func readExpectation() throws(HeadError) {
        guard let expectation = fields.first(of: .expect), version == .http11 else { return }
        guard fields.only(.expect) != nil, expectation.equalsIgnoringCase("100-continue") else {
            throw .unknownExpectation
        }
        expectsContinue = true
    }
}

extension HTTPVersion {
    /// The version in these eight bytes; upper case, one digit on each side of the dot.
    init(parsing text: ByteView) throws(HeadError) {
        guard text.count == 8 else { throw .badVersion }
        let word = text.word(at: 0)
        if word == 0x312E_312F_5054_5448 {
            self = .http11
        } else if word == 0x302E_312F_5054_5448 {
            self = .http10
        } else {
            let isVersion =
                text.hasPrefix("HTTP/") && ASCII.isDigit(text[5]) && text[6] == 0x2E && ASCII.isDigit(text[7])
            throw isVersion ? .versionNotSupported : .badVersion
        }
    }
}
