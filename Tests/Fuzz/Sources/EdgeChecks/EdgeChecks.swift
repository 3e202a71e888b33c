@testable import Tokens
@testable import Transport

/// What must hold for any bytes whatever; the first thing that does not is thrown.
public struct Violation: Error {
    public let message: String
}

private let keys = RoomKeys(room: "sale", current: ("a", [UInt8](repeating: 7, count: 32)))
private let now: Int64 = 1_800_000_000

/// Texts that are signed, for a corpus: nobody guesses them.
public var signedTexts: [[UInt8]] {
    let id = [UInt8](repeating: 9, count: 12)
    let ticket = Ticket(epoch: 1, position: 42, id: id, issuedSeconds: now - 60, keys: keys)
    let pass = Pass(
        epoch: 1,
        session: ticket.session(binding: 5),
        signedMilliseconds: now * 1000,
        untilMilliseconds: now * 1000 + 600_000,
        binding: 5
    )
    return [ticket.text(room: "sale", keys: keys), pass.text(room: "sale", keys: keys)].map {
        Array($0.utf8)
    }
}

/// Runs every check over one input.
public func checkEdge(_ input: [UInt8]) throws(Violation) {
    try checkProxyHeader(input)
    try checkClientHello(input)
    try checkTokens(input)
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

/// A token that is accepted is, byte by byte, one that was signed.
private func checkTokens(_ input: [UInt8]) throws(Violation) {
    if let ticket = Ticket(input, room: "sale", keys: keys, nowSeconds: now),
        Array(ticket.text(room: "sale", keys: keys).utf8) != input
    {
        throw Violation(message: "another spelling of a ticket")
    }
    if let pass = Pass(input, room: "sale", keys: keys, binding: 5),
        Array(pass.text(room: "sale", keys: keys).utf8) != input
    {
        throw Violation(message: "another spelling of a pass")
    }
    _ = SessionID(text: input)
}
