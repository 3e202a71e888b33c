/// What reading a body brought to light, apart from its fields.
struct BodyFacts {
    var processor: BodyProcessor?
    var hasError = false
    var errorMessage: StaticString = ""
    var hasURLEncodingError = false
    var isRequestBodyForced = false
    var isInboundDataError = false
    var isOutboundDataError = false
    var filesSize = 0
    var multipart = MultipartFlags()
}

/// The deviations that `MULTIPART_STRICT_ERROR` stands for.
struct MultipartFlags: OptionSet {
    let rawValue: UInt32
    static let boundaryQuoted = MultipartFlags(rawValue: 1)
    static let boundaryWhitespace = MultipartFlags(rawValue: 2)
    static let crlfLFLines = MultipartFlags(rawValue: 4)
    static let dataAfter = MultipartFlags(rawValue: 8)
    static let dataBefore = MultipartFlags(rawValue: 16)
    static let fileLimitExceeded = MultipartFlags(rawValue: 32)
    static let headerFolding = MultipartFlags(rawValue: 64)
    static let invalidHeaderFolding = MultipartFlags(rawValue: 128)
    static let invalidPart = MultipartFlags(rawValue: 256)
    static let invalidQuoting = MultipartFlags(rawValue: 512)
    static let lfLine = MultipartFlags(rawValue: 1_024)
    static let missingSemicolon = MultipartFlags(rawValue: 2_048)
    static let unmatchedBoundary = MultipartFlags(rawValue: 4_096)
    /// The word `boundary` itself is spelled in an unusual way.
    static let boundaryCase = MultipartFlags(rawValue: 8_192)

    /// Everything but an unmatched boundary, which text in a file may cause.
    var isStrictError: Bool { !subtracting([.unmatchedBoundary, .headerFolding]).isEmpty }
}
