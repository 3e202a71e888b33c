extension Evaluation {
    /// Reads a multipart body into arguments, files and part headers.
    mutating func readMultipart(_ type: ByteView) {
        do {
            var parser = try MultipartParser(
                requestBody.view,
                type: type,
                isCut: body.isInboundDataError,
                budget,
                arena
            )
            defer {
                body.multipart = parser.flags
                budget = parser.budget
            }
            var argumentBytes = 0
            var fileCount = 0
            try parser.parse(partLimit: rules.settings.argumentLimit) { part in
                add(part)
                if part.isField { argumentBytes += part.content.count }
                if part.filename != nil { fileCount += 1 }
            }
            if fileCount > rules.settings.uploadFileLimit { parser.noteFileLimit() }
            if argumentBytes > rules.settings.requestBodyNoFilesLimitBytes {
                fail("request body is beyond SecRequestBodyNoFilesLimit")
            }
        } catch {
            switch error {
            case .noBoundary:
                body.multipart.insert(.invalidPart)
                fail("multipart without a usable boundary")
            case .noEnd: failUnlessCut("multipart without its last boundary")
            case .invalidHeader:
                fail(
                    "Multipart parsing error: Multipart: Invalid part header (contains invalid character)"
                )
            case .invalidPart: fail("multipart with an invalid part")
            case .noTime:
                exhaustedSearchCount += 1
                fail("multipart that takes too long to read")
            case .tooManyParts: fail("more parts than SecArgumentsLimit")
            }
        }
    }

    private mutating func add(_ part: MultipartParser.Part) {
        let name = part.name ?? ByteView()
        for header in part.headers { fields.append(.partHeaders, name: name, value: header) }
        fields.append(.multipartNames, name: name, value: name)
        if part.isField { fields.append(.argumentsPost, name: name, value: part.content) }
        guard let filename = part.filename else { return }
        fields.append(.files, name: name, value: filename)
        fields.append(.fileNames, name: name, value: name)
        fields.append(.multipartFilenames, name: name, value: filename)
        fields.append(.fileContents, name: name, value: part.content)
        fields.append(.fileSizes, name: name, value: arena.decimal(part.content.count))
        body.filesSize += part.content.count
    }

    /// Reads an XML body: its text is `XML:/*`, its attributes are `XML://@*`.
    mutating func readXML() {
        var parser = XMLParser(
            requestBody.view,
            arena,
            tellsPaths: rules.usesXPath,
            isCut: body.isInboundDataError
        )
        do {
            try parser.parse { path, value, isAttribute in
                if isAttribute { fields.append(.xml, name: ByteView("//@*"), value: value) }
                if let path { fields.append(.xmlNodes, name: path, value: value) }
            }
        } catch {
            switch error {
            case .end: failUnlessCut("XML has no end")
            case .syntax: fail("XML does not parse")
            case .tooDeep: fail("XML is nested too deeply")
            }
        }
        if parser.isAmbiguous { fail("XML with entities, defaults or an encoding of its own") }
        fields.append(.xml, name: ByteView("/*"), value: parser.content)
    }
}
