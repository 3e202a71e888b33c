import HTTP
import Transport

/// One element of a Forwarded field: what one forwarder says of the request that it got (RFC 7239 section 4).
struct ForwardedElement {
    /// Who sent it; nil if that is no address.
    private(set) var client: IPAddress?
    /// Whether it came by TLS; nil if that is not said.
    private(set) var isSecure: Bool?

    /// Nil for what is not well formed: a pair without a value, a name or a quote out of place, a parameter twice.
    init?(_ element: ByteView) {
        var hasClient = false
        for pair in ListElements(element, separator: 0x3B) {
            guard let mark = pair.firstIndex(of: 0x3D),
                let value = Self.value(pair.dropFirst(mark + 1))
            else { return nil }
            let name = pair.prefix(mark)
            guard !name.isEmpty else { return nil }
            if name.equalsIgnoringCase("for") {
                guard !hasClient else { return nil }
                hasClient = true
                client = IPAddress(node: value)
            } else if name.equalsIgnoringCase("proto") {
                guard isSecure == nil else { return nil }
                isSecure = value.lowercased() == "https"
            }
        }
    }

    /// The elements of a field, the last one first.
    ///
    /// Read from the right, where trusted forwarders write: a quote that a client opens and does not close
    /// would swallow what they say behind it.
    static func elements(of value: ByteView, limit: Int) -> [ByteView] {
        var elements: [ByteView] = []
        var end = value.count
        var index = value.count
        var isQuoted = false
        while index > 0, elements.count < limit {
            index -= 1
            if value[index] == 0x22, !isEscaped(value, index) {
                isQuoted.toggle()
            } else if value[index] == 0x2C, !isQuoted {
                elements.append(value[(index + 1)..<end].trimmed)
                end = index
            }
        }
        if elements.count < limit { elements.append(value[0..<end].trimmed) }
        return elements.filter { !$0.isEmpty }
    }

    /// A token, or the inside of a quoted string without its escapes; as forwarders write addresses with ports without
    /// quotes, too, other text without quotes is taken as it is.
    private static func value(_ text: ByteView) -> String? {
        guard let first = text.isEmpty ? nil : text[0] else { return nil }
        guard first == 0x22 else { return text.firstIndex(of: 0x22) == nil ? text.string : nil }
        var bytes: [UInt8] = []
        var index = 1
        while index < text.count, text[index] != 0x22 {
            if text[index] == 0x5C { index += 1 }
            if index < text.count { bytes.append(text[index]) }
            index += 1
        }
        guard index == text.count - 1 else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether an odd number of backslashes stands before the byte.
    private static func isEscaped(_ value: ByteView, _ index: Int) -> Bool {
        var start = index
        while start > 0, value[start - 1] == 0x5C { start -= 1 }
        return (index - start) % 2 == 1
    }
}

extension IPAddress {
    /// The address of a node as forwarders write it: bare, with a port, or in brackets.
    init?(node text: String) {
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            self.init(String(text[text.index(after: text.startIndex)..<end]))
        } else if let address = IPAddress(text) {
            self = address
        } else {
            self.init(String(text.prefix { $0 != ":" }))
        }
    }
}
