extension ResponseHead {
    /// Reads `version SP status [SP reason]`; the space behind the status may be missing, as many servers leave it out.
    func parseStatusLine(_ line: ByteView) throws(HeadError) {
        guard line.count >= 12, line[8] == ASCII.space else { throw .badStatusLine }
        version = try HTTPVersion(parsing: line[0..<8])
        guard let code = line[9..<12].decimal, code >= 100 else { throw .badStatusLine }
        status = code
        guard line.count > 12 else { return }
        guard line[12] == ASCII.space else { throw .badStatusLine }
        reasonPlace = 13..<line.count
    }

    /// Takes the bytes of a complete head over, and checks what its parts say together.
    func complete(_ bytes: ByteView, to method: Method) throws(HeadError) {
        fields.adopt(bytes)
        let options = try ConnectionOptions(reading: fields)
        let declared = try fields.framing(version)
        isTunnel = status == 101 || (method == .connect && (200..<300).contains(status))
        let hasNoContent = status < 200 || status == 204 || status == 304 || method == .head || isTunnel
        if status < 200 || status == 204, declared == .chunked { throw .transferCodingNotAllowed }
        framing = hasNoContent ? .none : declared ?? .untilClose
        keepAlive = options.keepsAlive(version) && framing != .untilClose && !isTunnel
    }
}
