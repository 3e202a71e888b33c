@testable import Transport

/// What must hold for any bytes whatever; the first thing that does not is thrown.
public struct Violation: Error {
    public let message: String
}

/// Runs every check over one input.
public func checkEdge(_ input: [UInt8]) throws(Violation) {
    try checkProxyHeader(input)
    try checkClientHello(input)
}

private func checkProxyHeader(_ input: [UInt8]) throws(Violation) {
    guard let header = try? ProxyHeader(parsing: input) else { return }
    guard input.count <= ProxyHeader.bytesLimit else {
        throw Violation(message: "a header too long")
    }
    guard let source = header.source else { return }
    for text in [
        ProxyHeader.line(source: source, target: source),
        ProxyHeader.binary(source: source, target: source),
    ] {
        guard (try? ProxyHeader(parsing: text)) == header else {
            throw Violation(message: "\(source) is not read as written")
        }
    }
}

private func checkClientHello(_ input: [UInt8]) throws(Violation) {
    var hello = ClientHello()
    let half = input.count / 2
    hello.ciphers = ClientHello.pairs(Array(input.prefix(half)))
    hello.extensions = ClientHello.pairs(Array(input.suffix(half)))
    hello.versions = ClientHello.values(input, lengthBytes: 1)
    hello.signatureAlgorithms = ClientHello.values(input, lengthBytes: 2)
    hello.firstProtocol = ClientHello.firstProtocol(in: input)
    hello.serverName = ClientHello.serverName(in: input)
    let fingerprint = Array(hello.fingerprint.utf8)
    guard fingerprint.count == 36, fingerprint.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
        throw Violation(message: "fingerprint \(hello.fingerprint)")
    }
    if let name = hello.serverName, name.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F }) {
        throw Violation(message: "server name \(name)")
    }
}
