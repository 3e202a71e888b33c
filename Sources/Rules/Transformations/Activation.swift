/// When a transformation can change a value at all: only if the value holds one of these bytes, and, where `sequences`
/// are given, one of those. Tells the engine which values it need not touch.
struct Activation {
    /// Bytes of which a changing value holds at least one; nil if any value may change.
    let bytes: [UInt8]?
    /// Narrower than `bytes`: a changing value holds one of these sequences, or one of `strayBytes`.
    var sequences: [StaticString] = []
    var strayBytes: [UInt8] = []
    /// The kind of a value that holds one of the sequences.
    var sequenceKind = ByteKinds.none
    /// The change is invisible to matching that ignores case.
    var isCaseOnly = false

    private static let always = Activation(bytes: nil)

    /// The kinds of which a changing value has one.
    var kinds: ByteKinds {
        guard let bytes else { return .all }
        return sequences.isEmpty
            ? ByteKinds(withCaseOf: bytes)
            : ByteKinds(withCaseOf: strayBytes).union(sequenceKind)
    }
}

extension Transformation {
    var activation: Activation {
        switch self {
        case .base64Decode, .base64DecodeExt, .base64Encode, .hexDecode, .hexEncode, .length, .md5,
            .sha1,
            .parityEven7bit, .parityOdd7bit, .urlEncode, .phpArgsNames:
            Activation(bytes: nil)
        case .cmdLine:
            Activation(
                bytes: Array("\\\"'^,; \t\r\n".utf8) + Array(0x41...0x5A),
                sequences: ["  ", " /", " ("],
                strayBytes: Array("\\\"'^,;\t\r\n".utf8) + Array(0x41...0x5A),
                sequenceKind: .shellSpace
            )
        case .compressWhitespace:
            Activation(
                bytes: [0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0xA0],
                sequences: ["  "],
                strayBytes: [0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0xA0],
                sequenceKind: .spaces
            )
        case .cssDecode, .escapeSeqDecode, .jsDecode: Activation(bytes: [0x5C])
        case .htmlEntityDecode: Activation(bytes: [0x26])
        case .lowercase: Activation(bytes: Array(0x41...0x5A), isCaseOnly: true)
        case .uppercase: Activation(bytes: Array(0x61...0x7A), isCaseOnly: true)
        case .normalizePath:
            Activation(
                bytes: [0x2F, 0x2E],
                sequences: ["//", "/.", "./"],
                sequenceKind: .pathStep
            )
        case .normalizePathWin:
            Activation(
                bytes: [0x2F, 0x2E, 0x5C],
                sequences: ["//", "/.", "./"],
                strayBytes: [0x5C],
                sequenceKind: .pathStep
            )
        case .parityZero7bit: Activation(bytes: Array(0x80...0xFF))
        case .removeComments, .removeCommentsChar:
            Activation(
                bytes: Array("/*-#<!".utf8),
                sequences: ["/*", "*/", "--", "#"],
                strayBytes: [0x23],
                sequenceKind: .comment
            )
        case .removeNulls, .replaceNulls: Activation(bytes: [0])
        case .removeWhitespace, .trim, .trimLeft, .trimRight:
            Activation(bytes: [0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0xA0])
        case .replaceComments: Activation(bytes: [0x2A])
        case .sqlHexDecode:
            Activation(bytes: [0x30], sequences: ["0x", "0X"], sequenceKind: .hexMark)
        case .urlDecode, .urlDecodeUni: Activation(bytes: [0x25, 0x2B])
        case .utf8toUnicode: Activation(bytes: Array(0x80...0xFF))
        }
    }
}
