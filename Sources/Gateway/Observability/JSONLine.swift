import HTTP

/// Writes one JSON object into an output buffer, for logs: no intermediate strings.
struct JSONLine {
    let output: OutputBuffer
    private var isFirst = true

    init(to output: OutputBuffer) {
        self.output = output
        output.append(byte: UInt8(ascii: "{"))
    }

    /// Ends an object inside another.
    func close() { output.append("}") }

    /// Ends the object and the line.
    func end() { output.append("}\n") }

    /// Appends a literal as it is: members that never change, or a key with its punctuation, `,"key":`.
    ///
    /// A log line has thirty members; a key in one piece costs a third of one in three.
    @inline(__always)
    mutating func add(literal: StaticString) {
        output.append(literal)
        isFirst = false
    }

    /// Appends bytes as a JSON string behind a key that was written as a literal.
    func add(string value: ByteView, limit: Int = 2048) {
        let value = value.count <= limit ? value : value.prefix(limit)
        if value.firstIndexToEscape(from: 0) == value.count { return output.appendQuoted(value) }
        output.append(byte: UInt8(ascii: "\""))
        Self.appendEscaped(value, to: output)
        output.append(byte: UInt8(ascii: "\""))
    }

    /// Appends text as a JSON string behind a key that was written as a literal.
    func add(string value: String) {
        var value = value
        value.withUTF8 { unsafe add(string: ByteView(UnsafeRawBufferPointer($0))) }
    }

    private mutating func key(_ name: StaticString) {
        output.append(isFirst ? "\"" : ",\"")
        output.append(name)
        output.append("\":")
        isFirst = false
    }

    mutating func add(_ name: StaticString, _ value: StaticString) {
        key(name)
        output.append("\"")
        output.append(value)
        output.append("\"")
    }

    mutating func add(_ name: StaticString, _ value: Int) {
        key(name)
        output.append(decimal: value)
    }

    mutating func add(_ name: StaticString, _ value: Bool) {
        key(name)
        output.append(value ? "true" : "false")
    }

    mutating func addNull(_ name: StaticString) {
        key(name)
        output.append("null")
    }

    mutating func add(_ name: StaticString, _ value: String) {
        var value = value
        value.withUTF8 { unsafe add(name, ByteView(UnsafeRawBufferPointer($0))) }
    }

    /// Adds bytes as text; those that are not ASCII are written as the code points of the same number, so that no
    /// input can break the line.
    mutating func add(_ name: StaticString, _ value: ByteView, limit: Int = 2048) {
        key(name)
        output.append("\"")
        Self.appendEscaped(value.prefix(limit), to: output)
        output.append("\"")
    }

    mutating func add(_ name: StaticString, write: (OutputBuffer) -> Void) {
        key(name)
        output.append("\"")
        write(output)
        output.append("\"")
    }

    /// Adds a member below `labels.`, where ECS keeps what is one's own.
    mutating func addLabel(_ name: String, _ value: String) {
        output.append(isFirst ? "\"labels." : ",\"labels.")
        isFirst = false
        Self.appendEscaped(name, to: output)
        output.append("\":\"")
        Self.appendEscaped(value, to: output)
        output.append("\"")
    }

    private static func appendEscaped(_ text: String, to output: OutputBuffer) {
        var text = text
        text.withUTF8 { unsafe appendEscaped(ByteView(UnsafeRawBufferPointer($0)), to: output) }
    }

    /// Appends the bytes as the inside of a JSON string.
    static func appendEscaped(_ value: ByteView, to output: OutputBuffer) {
        var start = 0
        while true {
            let index = value.firstIndexToEscape(from: start)
            output.append(value[start..<index])
            guard index < value.count else { return }
            append(escaped: value[index], to: output)
            start = index + 1
        }
    }

    private static func append(escaped byte: UInt8, to output: OutputBuffer) {
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
            output.append("\\")
            output.append(byte: byte)
            return
        }
        output.append(byte < 16 ? "\\u000" : "\\u00")
        output.append(hex: UInt(byte))
    }
}
