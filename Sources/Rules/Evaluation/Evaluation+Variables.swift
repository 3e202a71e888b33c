import Glibc

extension Evaluation {
    /// The value of a variable without members; nil if it does not exist for this transaction.
    mutating func single(_ variable: Variable) -> ByteView? {
        switch variable {
        case .requestMethod: request.method
        case .requestURI: request.uri
        case .requestURIRaw: request.target
        case .requestFilename: URLDecode.percentDecoded(request.path, arena)
        case .requestBasename: URLDecode.percentDecoded(request.basename, arena)
        case .queryString: request.query
        case .requestProtocol: request.version
        case .requestLine: requestLine
        case .requestBody: isRequestBodyVisible ? requestBody.view : nil
        case .responseBody: responseBodyAccess ? responseBody.view : nil
        case .matchedVar: current.hasMatch ? current.match.value : nil
        case .matchedVarName: current.hasMatch ? name(of: current.match) : nil
        case .reqbodyProcessor: body.processor.map { ByteView($0.name) } ?? ByteView()
        case .reqbodyErrorMsg, .reqbodyProcessorErrorMsg: ByteView(body.errorMessage)
        case .remoteAddr, .remoteHost: arena.copy(connection.clientAddress)
        case .serverAddr: arena.copy(connection.serverAddress)
        case .serverName: serverName
        case .uniqueID: arena.copy(uniqueID)
        case .responseProtocol: response.version
        case .responseContentType: responseHeader(HeaderSlots.contentType)
        case .fullRequest: fullRequest
        case .pathInfo: request.path
        case .statusLine: response.version.isEmpty ? nil : statusLine
        case .authType: credentials?.scheme
        case .remoteUser: credentials?.user
        case .sessionID: collections.key(of: .session)?.name.withView { arena.copy($0) }
        case .userID: collections.key(of: .user)?.name.withView { arena.copy($0) }
        case .webAppID: arena.copy(rules.settings.webAppID)
        case .modsecBuild: ByteView("030000090")
        case .time: clock("%H:%M:%S")
        case .timeDay: clock("%d")
        case .timeHour: clock("%H")
        case .timeMin: clock("%M")
        case .timeMon: clock("%m")
        case .timeSec: clock("%S")
        case .timeWday: clock("%w")
        case .timeYear: clock("%Y")
        default: numberOfSingle(variable).map { arena.decimal($0) }
        }
    }

    mutating func numberOfSingle(_ variable: Variable) -> Int? {
        switch variable {
        case .requestBodyLength: requestBody.count
        case .remotePort: connection.clientPort
        case .serverPort: connection.serverPort
        case .responseStatus, .status: response.status
        case .responseContentLength:
            responseHeader(HeaderSlots.contentLength)?.leadingInteger ?? responseBody.count
        case .argsCombinedSize: combinedSize([.argumentsGet, .argumentsPost], names: true)
        case .filesCombinedSize: body.filesSize
        case .fullRequestLength: fullRequest.count
        case .reqbodyError, .reqbodyProcessorError: body.hasError ? 1 : 0
        case .urlencodedError: urlEncodingErrorCount()
        case .inboundDataError: body.isInboundDataError ? 1 : 0
        case .outboundDataError: body.isOutboundDataError ? 1 : 0
        case .highestSeverity: highestSeverity?.rawValue ?? 255
        case .duration: Int(clamping: TimeBudget.now() &- startedAt) / 1_000_000
        case .timeEpoch: Glibc.time(nil)
        default:
            multipartFlag(variable).map { body.multipart.isDisjoint(with: $0) ? 0 : 1 }
                ?? (variable == .multipartStrictError
                    ? (body.multipart.isStrictError ? 1 : 0) : nil)
        }
    }

    /// Arguments have to be looked at to know.
    private mutating func urlEncodingErrorCount() -> Int {
        splitArguments()
        return body.hasURLEncodingError ? 1 : 0
    }

    private mutating func multipartFlag(_ variable: Variable) -> MultipartFlags? {
        switch variable {
        case .multipartBoundaryQuoted: .boundaryQuoted
        case .multipartBoundaryWhitespace: .boundaryWhitespace
        case .multipartCrlfLfLines: .crlfLFLines
        case .multipartDataAfter: .dataAfter
        case .multipartDataBefore: .dataBefore
        case .multipartFileLimitExceeded: .fileLimitExceeded
        case .multipartHeaderFolding: .headerFolding
        case .multipartInvalidHeaderFolding: .invalidHeaderFolding
        case .multipartInvalidPart: .invalidPart
        case .multipartInvalidQuoting: .invalidQuoting
        case .multipartLfLine: .lfLine
        case .multipartMissingSemicolon: .missingSemicolon
        case .multipartUnmatchedBoundary: .unmatchedBoundary
        default: nil
        }
    }

    private var isRequestBodyVisible: Bool {
        body.processor == .urlEncoded || body.isRequestBodyForced
    }

    private var statusLine: ByteView {
        var line = arena.writer(capacity: response.version.count + 24)
        line.append(response.version)
        line.append(0x20)
        line.append(decimal: response.status)
        return arena.finish(line)
    }

    /// The scheme of Authorization, and the user that Basic names (RFC 7617).
    private var credentials: (scheme: ByteView, user: ByteView?)? {
        var next = fields.first(.requestHeaders)
        while let index = next {
            next = fields.next(index)
            guard fields[index].name.equalsFolded("authorization") else { continue }
            let value = fields[index].value
            let space = value.firstIndex(of: 0x20) ?? value.count
            let scheme = value.prefix(space)
            guard scheme.equalsFolded("basic") else { return (scheme, nil) }
            let encoded = value.dropFirst(space + 1)
            let pair = Base64Decode.apply(encoded, arena, skipsForeignBytes: false) ?? encoded
            return (scheme, pair.prefix(pair.firstIndex(of: 0x3A) ?? pair.count))
        }
        return nil
    }

    private var requestLine: ByteView {
        var line = arena.writer(
            capacity: request.method.count + request.target.count + request.version.count + 2
        )
        line.append(request.method)
        line.append(0x20)
        line.append(request.target)
        if !request.version.isEmpty {
            line.append(0x20)
            line.append(request.version)
        }
        return arena.finish(line)
    }

    private var fullRequest: ByteView {
        var size = requestLine.count + requestBody.count + 4
        var next = fields.first(.requestHeaders)
        while let index = next {
            size += fields[index].name.count + fields[index].value.count + 4
            next = fields.next(index)
        }
        var text = arena.writer(capacity: size)
        text.append(requestLine)
        text.append("\r\n")
        next = fields.first(.requestHeaders)
        while let index = next {
            text.append(fields[index].name)
            text.append(": ")
            text.append(fields[index].value)
            text.append("\r\n")
            next = fields.next(index)
        }
        text.append("\r\n")
        text.append(requestBody.view)
        return arena.finish(text)
    }

    private var serverName: ByteView? {
        var next = fields.first(.requestHeaders)
        while let index = next {
            if fields[index].name.equalsFolded("host") {
                let host = fields[index].value
                return host.at(0) == 0x5B
                    ? host : host.prefix(host.firstIndex(of: 0x3A) ?? host.count)
            }
            next = fields.next(index)
        }
        return nil
    }

    mutating func responseHeader(_ slot: Int) -> ByteView? {
        var next = fields.first(.responseHeaders)
        while let index = next {
            if Int(fields[index].slot) == slot { return fields[index].value }
            next = fields.next(index)
        }
        return nil
    }

    private mutating func combinedSize(_ lists: [FieldList], names: Bool) -> Int {
        splitArguments()
        var size = 0
        for list in lists {
            var next = fields.first(list)
            while let index = next {
                size += fields[index].value.count + (names ? fields[index].name.count : 0)
                next = fields.next(index)
            }
        }
        return size
    }

    private mutating func clock(_ format: String) -> ByteView {
        var now = Glibc.time(nil)
        var parts = unsafe tm()
        _ = unsafe localtime_r(&now, &parts)
        var buffer = [CChar](repeating: 0, count: 32)
        let length = unsafe strftime(&buffer, buffer.count, format, &parts)
        return arena.copy(
            String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        )
    }

    /// A member of a collection that exists by name only; empty if there is none.
    mutating func member(_ variable: Variable, _ name: ByteView) -> ByteView {
        if variable == .rule, current.head >= 0 { return ruleMember(name) }
        if variable == .env, let value = unsafe getenv(name.text) {
            return unsafe arena.copy(String(cString: value))
        }
        return ByteView()
    }

    private mutating func ruleMember(_ name: ByteView) -> ByteView {
        let metadata = rules.tables.metadata[current.head]
        if name.equalsFolded("id") { return arena.decimal(metadata.id) }
        if name.equalsFolded("severity") {
            return metadata.severity.map { arena.decimal($0.rawValue) } ?? ByteView()
        }
        if name.equalsFolded("rev") { return arena.copy(metadata.revision) }
        if name.equalsFolded("ver") { return arena.copy(metadata.version) }
        if name.equalsFolded("msg") { return ruleText(metadata.message) }
        if name.equalsFolded("logdata") { return ruleText(metadata.logData) }
        return ByteView()
    }

    /// A text of the rule that names a text of the rule, and by that perhaps itself, finds it empty.
    private mutating func ruleText(_ macro: Macro) -> ByteView {
        if current.isQuoted { return ByteView() }
        current.isQuoted = true
        defer { current.isQuoted = false }
        return expand(macro)
    }
}
