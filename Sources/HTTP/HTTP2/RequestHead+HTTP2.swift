extension RequestHead {
    /// Takes in a complete header block that `reader` has read into this head's fields.
    ///
    /// A CONNECT with `:protocol` (RFC 8441) becomes what the same wish is in HTTP/1.1: a GET that asks for an
    /// upgrade. Every later stage, the rules among them, sees one form of it.
    ///
    /// - Throws: `.malformed` for what HTTP/2 forbids, `.refused` for what no request may have.
    func complete(_ reader: HeaderBlockReader, endsStream: Bool) throws(HeaderBlockFault) {
        if let fault = reader.fault { throw HeaderBlockFault(fault) }
        guard let methodPlace = reader.pseudo.method else { throw .malformed }
        var table = fields.table
        defer { fields.table = table }
        var facts = RequestFacts()
        facts.version = .http2
        facts.methodPlace = methodPlace
        let name = table.view(methodPlace)
        facts.method = Method(recognising: name)
        guard name.count <= 64, name.allSatisfy(.token) else { throw .malformed }
        if facts.method == .connect {
            try facts.readConnect(reader, &table)
        } else {
            guard reader.pseudo.protocolName == nil else { throw .malformed }
            try facts.readTarget(reader, &table)
        }
        if let authority = reader.pseudo.authority { facts.target.authority = authority }
        guard table.seen.contains(.host) else { throw .malformed }
        do throws(HeadError) {
            try facts.target.parse(in: &table, method: facts.method)
            if let authority = reader.pseudo.authority { facts.target.authority = authority }
            try facts.readHost(table)
            facts.framing = try table.framing(.http2) ?? (endsStream ? .none : .chunked)
            if table.seen.contains(.expect) { try facts.readExpectation(table) }
        } catch {
            throw HeaderBlockFault(error)
        }
        if endsStream, case .length(let length) = facts.framing, length > 0 { throw .malformed }
        // What follows an extended CONNECT is spoken in the tunnel.
        if facts.isExtendedConnect { facts.framing = .none }
        if endsStream { facts.framing = facts.framing == .length(0) ? .length(0) : .none }
        self.facts = facts
    }
}

/// Why a header block of HTTP/2 cannot be a request.
enum HeaderBlockFault: Error, Equatable {
    /// Its stream is reset.
    case malformed
    /// It is answered with a status.
    case refused(HeadError)

    init(_ fault: HeaderBlockReader.Fault) {
        switch fault {
        case .malformed: self = .malformed
        case .refused(let error): self = .refused(error)
        }
    }

    init(_ error: HeadError) {
        switch error {
        case .headTooLarge, .requestLineTooLong, .tooManyFields, .unknownExpectation:
            self = .refused(error)
        default: self = .malformed
        }
    }
}

extension RequestFacts {
    /// `:scheme` and `:path`, which every method but CONNECT has to have (RFC 9113 section 8.3.1).
    fileprivate mutating func readTarget(_ reader: HeaderBlockReader, _ table: inout FieldTable)
        throws(HeaderBlockFault)
    {
        guard let scheme = reader.pseudo.scheme, let path = reader.pseudo.path else {
            throw .malformed
        }
        let schemeName = table.view(scheme)
        guard
            schemeName.equalsIgnoringCase("https") || schemeName.equalsIgnoringCase("http")
        else { throw .malformed }
        let text = table.view(path)
        guard text[0] == 0x2F || text.equals("*") && method == .options else { throw .malformed }
        target.raw = path
    }

    fileprivate mutating func readConnect(_ reader: HeaderBlockReader, _ table: inout FieldTable)
        throws(HeaderBlockFault)
    {
        guard let authority = reader.pseudo.authority else { throw .malformed }
        guard let protocolName = reader.pseudo.protocolName else {
            guard reader.pseudo.scheme == nil, reader.pseudo.path == nil else { throw .malformed }
            target.raw = authority
            return
        }
        method = .get
        methodPlace = table.appendBytes(ByteView("GET"))
        let wanted = table.view(protocolName).bytes
        guard table.view(protocolName).allSatisfy(.token) else { throw .malformed }
        _ = table.appendLine(ByteView("connection"), ByteView("Upgrade"), known: .connection)
        _ = unsafe wanted.withUnsafeBytes {
            unsafe table.appendLine(ByteView("upgrade"), ByteView($0), known: .upgrade)
        }
        asksForUpgrade = true
        isExtendedConnect = true
        try readTarget(reader, &table)
    }
}
