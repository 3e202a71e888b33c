import HTTP

/// Cookies, lists, weights and dates out of any bytes: nothing to compare with, but nothing may trap or read astray.
func checkValues(_ input: [UInt8]) throws(Violation) {
    let value = input.prefix(4096).map { $0 < 0x20 || $0 == 0x7F ? 0x2C : $0 }
    try HeldBytes(value).withView { view throws(Violation) in
        var total = 0
        for element in ListElements(view) { total += element.count + 1 }
        guard total <= view.count + 1 else {
            throw Violation("list elements are longer than the list")
        }
        if let time = HTTPDate.parse(view, now: 1_800_000_000) { try checkDate(time) }
        if let authority = Authority(parsing: view), authority.hostLength > view.count {
            throw Violation("host longer than its authority")
        }
    }
    let head = Array("GET / HTTP/1.1\r\nHost: a\r\n".utf8)
    let names = ["Cookie: ", "Accept: ", "Accept-Encoding: ", "Connection: "].map { Array($0.utf8) }
    let bytes = head + names.flatMap { $0 + value + [0x0D, 0x0A] } + [0x0D, 0x0A]
    var parser = RequestParser()
    guard
        case .success = feed(
            bytes,
            step: bytes.count,
            { view throws(HeadError) in try parser.parse(view) }
        )
    else {
        return
    }
    let section = parser.head.fields
    for cookie in Cookies(section) where cookie.name.contains(0x3B) || cookie.value.contains(0x3B) {
        throw Violation("semicolon in a cookie")
    }
    let negotiation = Negotiation(section)
    let qualities = [
        negotiation.quality(ofType: "text", "html"),
        negotiation.quality(ofType: "application", "json"),
        negotiation.quality(ofCoding: "gzip"),
    ]
    guard qualities.allSatisfy({ (0...1000).contains($0) }) else {
        throw Violation("qualities \(qualities)")
    }
}

private func checkDate(_ time: Int) throws(Violation) {
    guard time >= 0 else { return }
    let buffer = OutputBuffer()
    HTTPDate.append(time, to: buffer)
    guard HTTPDate.parse(buffer.readable, now: 1_800_000_000) == time else {
        throw Violation("date \(time)")
    }
}
