extension FieldTable {
    /// The framing that `Content-Length` or `Transfer-Encoding` declares; nil when neither is there.
    ///
    /// Both together, either of them twice, a list of lengths, or a coding other than `chunked` alone are errors: each
    /// is a way to make two readers see two different messages (RFC 9112 section 6).
    func framing(_ version: HTTPVersion) throws(HeadError) -> Framing? {
        guard seen.contains(.contentLength) || seen.contains(.transferEncoding) else { return nil }
        if let coding = first(of: .transferEncoding) {
            if seen.contains(.contentLength) || repeated.contains(.transferEncoding) {
                throw .conflictingFraming
            }
            if version == .http10 { throw .transferCodingNotAllowed }
            guard coding.equalsIgnoringCase("chunked") else { throw .unknownTransferCoding }
            return .chunked
        }
        if repeated.contains(.contentLength) { throw .conflictingFraming }
        guard let length = first(of: .contentLength)?.decimal else { throw .badContentLength }
        return .length(length)
    }
}
