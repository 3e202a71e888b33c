extension Evaluation {
    /// Splits the query string, once.
    mutating func splitArguments() {
        if hasSplitArguments { return }
        hasSplitArguments = true
        if request.query.isEmpty { return }
        var hasError = false
        let isWhole = URLEncodedParser.parse(
            request.query,
            separator: rules.settings.argumentSeparator,
            limit: rules.settings.argumentLimit,
            arena,
            &hasError
        ) { name, value in fields.append(.argumentsGet, name: name, value: value) }
        if hasError { body.hasURLEncodingError = true }
        if !isWhole { fail("more arguments than SecArgumentsLimit") }
    }

    /// Splits the Cookie fields, once.
    mutating func splitCookies() {
        if hasSplitCookies { return }
        hasSplitCookies = true
        var next = fields.first(.requestHeaders)
        while let index = next {
            next = fields.next(index)
            guard Int(fields[index].slot) == HeaderSlots.cookie else { continue }
            CookieParser.parse(fields[index].value) { name, value in
                fields.append(.cookies, name: name, value: value)
            }
        }
    }

    /// Reads the body with the processor that rules chose, or that the content type asks for.
    /// Returns an interruption if the body grows beyond its limit while it is decompressed, and that is to be rejected.
    mutating func readRequestBody() -> Interruption? {
        if mode == .off || requestBody.count == 0 { return nil }
        if fields.requestHeaderCount(HeaderSlots.contentEncoding) > 0 {
            switch decompressRequestBody() {
            case .complete: break
            case .unknown: fail("request body has a content coding that is not read")
            case .cut: failUnlessCut("compressed request body has no end")
            case .corrupt: fail("compressed request body does not decompress")
            case .tooLarge: if let interruption = refuseInbound() { return interruption }
            }
        }
        if body.processor != nil, body.processor != .multipart,
            requestBody.count > rules.settings.requestBodyNoFilesLimitBytes
        {
            fail("request body is beyond SecRequestBodyNoFilesLimit")
            return nil
        }
        switch body.processor {
        case .urlEncoded: readURLEncoded()
        case .json: readJSON()
        case .multipart: readMultipart(requestHeader(HeaderSlots.contentType) ?? ByteView())
        case .xml: readXML()
        case nil: break
        }
        // Arguments from the body belong to the same variables as those of the line.
        if fields.count(.argumentsPost) > 0 {
            openSources = (openSources ?? scanHead()) | SourceClass.arguments.bit
        }
        return nil
    }

    /// Forms and multipart are known by their content type; rules may choose otherwise.
    mutating func chooseBodyProcessor() {
        guard fields.requestHeaderCount(HeaderSlots.contentType) > 0,
            let type = requestHeader(HeaderSlots.contentType)
        else { return }
        if type.startsFolded(with: "application/x-www-form-urlencoded") {
            body.processor = .urlEncoded
        } else if type.startsFolded(with: "multipart/form-data") {
            body.processor = .multipart
        }
    }

    private mutating func readURLEncoded() {
        var hasError = false
        let isWhole = URLEncodedParser.parse(
            requestBody.view,
            separator: rules.settings.argumentSeparator,
            limit: rules.settings.argumentLimit,
            arena,
            &hasError
        ) { name, value in fields.append(.argumentsPost, name: name, value: value) }
        if hasError { body.hasURLEncodingError = true }
        if !isWhole { fail("more arguments than SecArgumentsLimit") }
    }

    private mutating func readJSON() {
        splitArguments()
        let argumentsOfLine = fields.count(.argumentsGet)
        var parser = JSONParser(
            requestBody.view,
            depthLimit: rules.settings.requestBodyJSONDepthLimit,
            valueLimit: max(rules.settings.argumentLimit - argumentsOfLine, 0),
            isCut: body.isInboundDataError,
            arena
        )
        do {
            try parser.parse { name, value in
                fields.append(.argumentsPost, name: name, value: value)
            }
        } catch {
            switch error {
            case .end: failUnlessCut("JSON has no end")
            case .syntax: fail("JSON does not parse")
            case .longName: fail("JSON has a name that is too long")
            case .tooDeep: fail("JSON is nested deeper than SecRequestBodyJsonDepthLimit")
            case .tooManyValues: fail("more arguments than SecArgumentsLimit")
            }
        }
    }

    /// Of a body that is inspected up to its limit nobody expects that it ends properly. What is wrong before that
    /// is wrong all the same.
    mutating func failUnlessCut(_ message: StaticString) {
        if !body.isInboundDataError { fail(message) }
    }

    /// Notes that the body could not be read as it should; rules decide what that means.
    mutating func fail(_ message: StaticString) {
        body.hasError = true
        body.errorMessage = message
    }
}
