import HTTP

/// A head as plain values.
struct HeadValues: Equatable {
    var length = 0
    var start = ""
    var fields: [[UInt8]] = []
}

func values(_ section: FieldSection, hopByHop: Bool) -> [[UInt8]] {
    (0..<section.count).filter { hopByHop || !section.isHopByHop($0) }.map {
        section.name($0).bytes + [0x3A] + section.value($0).bytes
    }
}

func checkRequest(_ input: [UInt8], step: Int) throws(Violation) {
    var whole = RequestParser()
    let outcome = feed(input, step: max(1, input.count)) { view throws(HeadError) in
        try whole.parse(view).map { requestValues(whole.head, length: $0) }
    }
    var parts = RequestParser()
    let inParts = feed(input, step: step) { view throws(HeadError) in
        try parts.parse(view).map { requestValues(parts.head, length: $0) }
    }
    guard outcome == inParts else {
        throw Violation("request in parts of \(step): \(inParts as Any) / \(outcome as Any)")
    }
    guard case .success = outcome else { return }
    try checkAccepted(whole.head)
    try checkForwarded(whole.head)
}

func requestValues(_ head: RequestHead, length: Int) -> HeadValues {
    let target = head.target
    return HeadValues(
        length: length,
        start: """
            \(head.methodName.bytes) \(head.version) \(head.framing) \(head.keepAlive) \(head.expectsContinue)
            \(head.upgrade?.bytes ?? []) \(target.form) \(target.flags.rawValue) \(target.path.bytes)
            \(target.query?.bytes ?? [0]) \(target.authority.bytes) \(head.host.bytes) \(head.port ?? 0)
            """,
        fields: values(head.fields, hopByHop: true)
    )
}

/// What every later stage relies on in a head that was let in.
func checkAccepted(_ head: RequestHead) throws(Violation) {
    try checkFields(head.fields)
    let target = head.target
    let path = target.path.bytes
    let query = target.query?.bytes ?? []
    if target.form == .origin || target.form == .absolute {
        guard path.first == 0x2F else { throw Violation("path without root") }
        for segment in path.split(separator: 0x2F)
        where segment.elementsEqual([0x2E]) || segment == [0x2E, 0x2E] {
            throw Violation("dot segment in \(target.path.string)")
        }
    }
    for byte in path + query
    where byte <= 0x20 || byte >= 0x7F || "\"<>\\^`{|}#".utf8.contains(byte) {
        throw Violation("byte \(byte) in a canonical target")
    }
    if head.version == .http11, head.count(of: .host) != 1 { throw Violation("not one Host") }
    if head.count(of: .contentLength) + head.count(of: .transferEncoding) > 1 {
        throw Violation("two framings")
    }
    if head.framing == .untilClose { throw Violation("request until close") }
}

func checkFields(_ section: FieldSection) throws(Violation) {
    for index in 0..<section.count {
        let name = section.name(index)
        let value = section.value(index)
        guard !name.isEmpty, value.isFieldValue, value.trimmed.count == value.count else {
            throw Violation("field \(name.bytes): \(value.bytes)")
        }
        for byte in name.bytes
        where byte <= 0x20 || byte >= 0x7F || "\"(),/:;<=>?@[\\]{}".utf8.contains(byte) {
            throw Violation("byte \(byte) in a field name")
        }
        let known = section.known(index)
        guard FieldName(recognising: name) == known else {
            throw Violation("name \(name.string) taken for \(known)")
        }
        guard known == .other || name.equalsIgnoringCase(known.text) else {
            throw Violation("\(name.string)")
        }
    }
}

/// What is forwarded must be read by the next hop as the same request.
func checkForwarded(_ head: RequestHead) throws(Violation) {
    let buffer = OutputBuffer()
    let target = head.target
    if target.form == .authority {
        buffer.append(head.methodName)
        buffer.append(" ")
        buffer.append(target.authority)
        buffer.append(" HTTP/1.1\r\n")
    } else {
        buffer.appendRequestLine(head)
    }
    if head.count(of: .host) == 0 { buffer.append(head.host.isEmpty ? "Host: none\r\n" : "") }
    if head.count(of: .host) == 0, !head.host.isEmpty { buffer.appendField("Host", head.authority) }
    for index in 0..<head.fields.count where !head.isHopByHop(index) {
        buffer.appendField(index, of: head.fields)
    }
    if head.framing == .chunked { buffer.appendField("Transfer-Encoding", "chunked") }
    buffer.appendCRLF()
    var parser = RequestParser(
        limits: HeadLimits(requestLineBytes: 32 * 1024, headBytes: 256 * 1024, fieldCount: 200)
    )
    let bytes = buffer.readable.bytes
    let length: Int?
    do throws(HeadError) {
        length = try HeldBytes(bytes).withView { view throws(HeadError) in try parser.parse(view) }
    } catch {
        throw Violation("forwarded request refused: \(error): \(buffer.readable.string)")
    }
    guard length == bytes.count else { throw Violation("forwarded request has another end") }
    let next = parser.head
    guard next.methodName.equals(head.methodName), next.target.path.equals(target.path),
        next.target.query?.bytes == target.query?.bytes,
        next.framing == head.framing || head.version == .http10
    else { throw Violation("forwarded request differs: \(buffer.readable.string)") }
    let sent = values(head.fields, hopByHop: false)
    let received = values(next.fields, hopByHop: false)
    guard received.filter({ !sent.contains($0) }).count <= 1,
        sent.allSatisfy({ received.contains($0) })
    else {
        throw Violation("forwarded fields differ")
    }
}

func checkResponse(_ input: [UInt8], step: Int) throws(Violation) {
    for method in [Method.get, .head, .connect] {
        var whole = ResponseParser()
        let outcome = feed(input, step: max(1, input.count)) { view throws(HeadError) in
            try whole.parse(view, to: method).map { responseValues(whole.head, length: $0) }
        }
        var parts = ResponseParser()
        let inParts = feed(input, step: step) { view throws(HeadError) in
            try parts.parse(view, to: method).map { responseValues(parts.head, length: $0) }
        }
        guard outcome == inParts else { throw Violation("response in parts of \(step)") }
        guard case .success = outcome else { continue }
        try checkFields(whole.head.fields)
        guard (100...999).contains(whole.head.status) else {
            throw Violation("status \(whole.head.status)")
        }
    }
}

func responseValues(_ head: ResponseHead, length: Int) -> HeadValues {
    HeadValues(
        length: length,
        start:
            "\(head.status) \(head.version) \(head.reason.bytes) \(head.framing) \(head.keepAlive) \(head.isTunnel)",
        fields: values(head.fields, hopByHop: true)
    )
}
