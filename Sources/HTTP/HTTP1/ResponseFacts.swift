/// What a response head says beside its fields; collected while parsing, then handed to the head whole.
struct ResponseFacts {
    var status = 0
    var version = HTTPVersion.http11
    var framing = Framing.none
    var keepAlive = false
    var isTunnel = false
    var reasonPlace = 0..<0

    /// Reads `version SP status [SP reason]`; the space behind the status may be missing, as many servers leave it out.
    mutating func readStatusLine(_ line: ByteView) throws(HeadError) {
        guard line.count >= 12, line[8] == ASCII.space else { throw .badStatusLine }
        version = try HTTPVersion(parsing: line[0..<8])
        guard let code = line[9..<12].decimal, (100...599).contains(code) else {
            throw .badStatusLine
        }
        status = code
        guard line.count > 12 else { return }
        guard line[12] == ASCII.space else { throw .badStatusLine }
        reasonPlace = 13..<line.count
    }

    /// Checks what the parts of a complete head say together.
    mutating func complete(_ fields: FieldTable, to method: Method) throws(HeadError) {
        let options = try ConnectionOptions(reading: fields, ofRequest: false)
        let declared = try fields.framing(version)
        isTunnel = status == 101 || (method == .connect && (200..<300).contains(status))
        let hasNoContent =
            status < 200 || status == 204 || status == 304 || method == .head || isTunnel
        // Whoever switches says so for this connection, and HTTP/1.0 cannot (RFC 9110 section 7.8).
        if status == 101, !options.upgrade || version == .http10 { throw .badConnectionOptions }
        if status < 200 || status == 204, declared == .chunked { throw .transferCodingNotAllowed }
        framing = hasNoContent ? .none : declared ?? .untilClose
        keepAlive = options.keepsAlive(version) && framing != .untilClose && !isTunnel
    }
}
