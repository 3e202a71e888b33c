/// Why a head was refused. Heads are never repaired: what two readers could read in two ways is an error.
public enum HeadError: Error, Sendable, CaseIterable {
    case badRequestLine, badStatusLine, badMethod, badTarget, badVersion, missingVersion,
        versionNotSupported
    case requestLineTooLong, headTooLarge, tooManyFields
    case badLineEnding, forbiddenByte, obsoleteFolding, badFieldName
    case badContentLength, conflictingFraming, unknownTransferCoding, transferCodingNotAllowed,
        contentNotAllowed
    case missingHost, duplicateHost, badHost, hostMismatch
    case badConnectionOptions, unknownExpectation

    /// The status a client is answered with (a faulty answer of an upstream is a 502 whatever this says).
    public var status: Int {
        switch self {
        case .requestLineTooLong: 414
        case .headTooLarge, .tooManyFields: 431
        case .unknownTransferCoding: 501
        case .versionNotSupported: 505
        case .unknownExpectation: 417
        default: 400
        }
    }
}
