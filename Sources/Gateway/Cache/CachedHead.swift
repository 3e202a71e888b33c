import HTTP

/// The head of a stored response, serialised once so that a hit copies it: the URI it answers, the request fields it
/// was chosen by, and its field lines as HTTP/1.1 text.
@safe
struct CachedHead: ~Copyable, Sendable {
    /// One field named by Vary, and what the request had in it.
    struct Selector: Sendable {
        let known: FieldName
        let name: Range<Int>
        /// In the form in which Vary compares; nil when the request did not have the field.
        let value: Range<Int>?
        /// As it stood in the request, when that was one line: most browsers send the same bytes again.
        var line: Range<Int>?
    }

    private var text = CacheBytes()
    private var uriRange = 0..<0
    private var selectorRange = 0..<0
    private var statusLineRange = 0..<0
    private var linesRange = 0..<0
    private var notModifiedRange = 0..<0
    private var etagRange: Range<Int>?
    private(set) var selectors: [Selector] = []

    /// The views below belong to this value and live as long as it does.
    var uri: ByteView { text.view[uriRange] }
    /// What tells this response from the other ones of the URI.
    var selection: ByteView { text.view[selectorRange] }
    /// `name: value` lines, each with its CRLF.
    var lines: ByteView { text.view[linesRange] }
    /// Status line, lines and the length of the content: all of a complete answer that does not change with time.
    var whole: ByteView { text.view[statusLineRange.lowerBound..<text.count] }
    /// The lines that a 304 carries (RFC 9110 section 15.4.5).
    var notModifiedLines: ByteView { text.view[notModifiedRange] }
    var etag: EntityTag? { etagRange.flatMap { EntityTag(text.view[$0]) } }
    var sizeBytes: Int { text.capacity }

    /// Copies what is to be kept of a request and its response.
    ///
    /// - Parameter responseTime: becomes the Date of a response without one (RFC 9110 section 6.6.1).
    init(key: CacheKey, request: FieldSection, response: ResponseHead, responseTime: Int) {
        key.appendURI(to: &text)
        uriRange = 0..<text.count
        appendSelectors(of: response.fields, from: request)
        selectorRange = uriRange.upperBound..<text.count
        for index in selectors.indices {
            guard let line = request.only(selectors[index].known) else { continue }
            let start = text.count
            text.append(line)
            selectors[index].line = start..<text.count
        }
        appendNotModifiedLines(of: response.fields, responseTime: responseTime)
        appendStatusLine(response.status)
        appendLines(of: response.fields, responseTime: responseTime)
        text.resize(to: text.count + Self.lengthLineLimit)
    }

    /// Adds the length of the content, which is known last.
    mutating func seal(contentLength: Int) {
        text.append("content-length: ")
        text.append(decimal: contentLength)
        text.append("\r\n")
    }

    /// Bytes kept free for the line that `seal` adds.
    private static let lengthLineLimit = 40

    /// Whether the request has in every field that Vary names what the stored one had.
    func isSelected(by request: FieldSection) -> Bool {
        for selector in selectors {
            if let stored = selector.line, let line = request.only(selector.known),
                line.isIdentical(to: text.view[stored])
            {
                continue
            }
            let name = text.view[selector.name]
            let field = SelectingField(request, known: selector.known, name: name)
            guard field.isPresent == (selector.value != nil), !field.isTooLong else { return false }
            guard let value = selector.value else { continue }
            guard field.equals(text.view[value]) else { return false }
        }
        return true
    }

    private mutating func appendSelectors(of response: FieldSection, from request: FieldSection) {
        for line in response.values(of: .vary) {
            for name in ListElements(line) { appendSelector(name, from: request) }
        }
    }

    private mutating func appendSelector(_ name: ByteView, from request: FieldSection) {
        let known = FieldName(recognising: name)
        let start = text.count
        text.append(lowered: name)
        let nameRange = start..<text.count
        text.append(":")
        var field = SelectingField(request, known: known, name: name)
        var value: Range<Int>?
        if field.isPresent {
            let valueStart = text.count
            while let byte = field.next() { text.append(byte: byte) }
            value = valueStart..<text.count
        }
        text.append(value == nil ? "\n" : "\r\n")
        selectors.append(Selector(known: known, name: nameRange, value: value))
    }

    private mutating func appendNotModifiedLines(of response: FieldSection, responseTime: Int) {
        let start = text.count
        for index in 0..<response.count where Self.isInNotModified(response, index) {
            appendLine(response, index)
        }
        if !response.contains(.date) { appendDate(responseTime) }
        notModifiedRange = start..<text.count
    }

    private mutating func appendStatusLine(_ status: Int) {
        let start = text.count
        text.append("HTTP/1.1 ")
        text.append(decimal: status)
        text.append(" ")
        text.append(Status.reason(status))
        text.append("\r\n")
        statusLineRange = start..<text.count
    }

    private mutating func appendLines(of response: FieldSection, responseTime: Int) {
        let start = text.count
        for index in 0..<response.count where Self.isStored(response, index) {
            appendLine(response, index)
        }
        if !response.contains(.date) { appendDate(responseTime) }
        linesRange = start..<text.count
    }

    private mutating func appendLine(_ response: FieldSection, _ index: Int) {
        text.append(response.name(index))
        text.append(": ")
        let start = text.count
        text.append(response.value(index))
        if response.known(index) == .etag { etagRange = start..<text.count }
        text.append("\r\n")
    }

    private mutating func appendDate(_ seconds: Int) {
        text.append("date: ")
        let date = OutputBuffer(limitBytes: HTTPDate.length)
        HTTPDate.append(seconds, to: date)
        text.append(date.readable)
        text.append("\r\n")
    }

    /// Fields about one connection, about one transfer, or about one moment are not kept (RFC 9111 section 3.1).
    private static func isStored(_ response: FieldSection, _ index: Int) -> Bool {
        guard response.isForClient(index) else { return false }
        switch response.known(index) {
        case .trailer, .setCookie, .age: return false
        case .other: return !response.name(index).equalsIgnoringCase("proxy-authentication-info")
        default: return true
        }
    }

    private static func isInNotModified(_ response: FieldSection, _ index: Int) -> Bool {
        switch response.known(index) {
        case .cacheControl, .contentLocation, .date, .etag, .expires, .vary, .lastModified:
            isStored(response, index)
        default: false
        }
    }
}
