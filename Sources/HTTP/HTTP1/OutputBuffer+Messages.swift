extension OutputBuffer {
    /// Appends `HTTP/1.1 status reason CRLF` with the registered reason phrase.
    public func appendStatusLine(_ status: Int) {
        append("HTTP/1.1 ")
        append(decimal: status)
        append(byte: ASCII.space)
        append(Status.reason(status))
        appendCRLF()
    }

    /// Appends `HTTP/1.1 status reason CRLF` with the reason phrase of a parsed head.
    public func appendStatusLine(_ status: Int, reason: ByteView) {
        append("HTTP/1.1 ")
        append(decimal: status)
        append(byte: ASCII.space)
        append(reason)
        appendCRLF()
    }

    /// Appends the request line for an origin server: the method as received, the canonical target in origin form.
    public func appendRequestLine(_ head: RequestHead) {
        let target = head.target
        append(head.methodName)
        append(byte: ASCII.space)
        append(target.form == .authority ? target.authority : target.path)
        if let query = target.query {
            append(byte: 0x3F)
            append(query)
        }
        append(" HTTP/1.1\r\n")
    }

    /// Appends the field at `index` of a parsed section, as received but for the spaces around its value.
    public func appendField(_ index: Int, of section: FieldSection) {
        if let line = section.wholeLine(index) { return append(line) }
        append(section.name(index))
        append(": ")
        append(section.value(index))
        append("\r\n")
    }

    /// Appends a field whose name and value are known while compiling.
    @inlinable
    public func appendField(_ name: StaticString, _ value: StaticString) {
        append(name)
        append(": ")
        append(value)
        append("\r\n")
    }

    /// Appends a field with a number.
    public func appendField(_ name: StaticString, decimal value: Int) {
        append(name)
        append(": ")
        append(decimal: value)
        appendCRLF()
    }

    /// Appends a field whose value was composed at run time.
    ///
    /// - Returns: false, with nothing appended, when the value holds a byte that could end the field.
    @discardableResult
    public func appendField(_ name: StaticString, _ value: ByteView) -> Bool {
        guard value.isFieldValue else { return false }
        append(name)
        append(": ")
        append(value)
        appendCRLF()
        return true
    }

    /// Appends a field whose value is text composed at run time; refused like bytes.
    @_disfavoredOverload
    @discardableResult
    public func appendField(_ name: StaticString, _ value: String) -> Bool {
        var value = value
        return value.withUTF8 { unsafe appendField(name, ByteView(UnsafeRawBufferPointer($0))) }
    }

    /// Appends one chunk; nothing for no data, since an empty chunk would end the message.
    public func appendChunk(_ data: ByteView) {
        guard !data.isEmpty else { return }
        append(hex: UInt(data.count))
        appendCRLF()
        append(data)
        appendCRLF()
    }

    /// Appends the last chunk and those trailer fields, if there are any, that may stand behind an answer.
    public func appendLastChunk(trailers: FieldSection? = nil) {
        append("0\r\n")
        if let trailers {
            for index in 0..<trailers.count where trailers.mayTrailAnswer(index) {
                appendField(index, of: trailers)
            }
        }
        appendCRLF()
    }
}

extension FieldSection {
    /// Whether the field may follow the content of an answer: not those that mean something only in a head, since a
    /// reader that merges trailers into the head would take them for such (RFC 9110 section 6.5.1).
    public func mayTrailAnswer(_ index: Int) -> Bool {
        let name = known(index)
        return (name == .other || name == .etag) && !isHopByHop(index)
    }
}

extension ByteView {
    /// Whether the bytes may stand as a field value: no control byte but tabs.
    public var isFieldValue: Bool {
        firstControl(from: 0, to: count) == count
    }
}
