/// The transformations of SecLang, by their names.
enum Transformation: Int, CaseIterable, Sendable {
    case base64Decode
    case base64DecodeExt
    case base64Encode
    case cmdLine
    case compressWhitespace
    case cssDecode
    case escapeSeqDecode
    case hexDecode
    case hexEncode
    case htmlEntityDecode
    case jsDecode
    case length
    case lowercase
    case md5
    case normalizePath
    case normalizePathWin
    case parityEven7bit
    case parityOdd7bit
    case parityZero7bit
    case phpArgsNames
    case removeComments
    case removeCommentsChar
    case removeNulls
    case removeWhitespace
    case replaceComments
    case replaceNulls
    case sha1
    case sqlHexDecode
    case trim
    case trimLeft
    case trimRight
    case uppercase
    case urlDecode
    case urlDecodeUni
    case urlEncode
    case utf8toUnicode

    /// The name as SecLang writes it.
    var name: String { "\(self)" }

    /// Position among all transformations.
    var number: Int { rawValue }

    /// The transformation of that name, whatever its case; both spellings of the path ones.
    static func named(_ name: String) -> Transformation? {
        let folded = name.lowercased()
        switch folded {
        case "normalisepath": return .normalizePath
        case "normalisepathwin": return .normalizePathWin
        default: return allCases.first { $0.name.lowercased() == folded }
        }
    }

    /// The transformed bytes, or nil if nothing changed.
    func apply(_ input: ByteView, _ scratch: TransformationScratch) -> ByteView? {
        switch self {
        case .base64Decode: Base64Decode.apply(input, scratch.arena, skipsForeignBytes: false)
        case .base64DecodeExt: Base64Decode.apply(input, scratch.arena, skipsForeignBytes: true)
        case .base64Encode: Base64Encode.apply(input, scratch.arena)
        case .cmdLine: CmdLine.apply(input, scratch.arena)
        case .compressWhitespace: CompressWhitespace.apply(input, scratch.arena)
        case .cssDecode: CSSDecode.apply(input, scratch.arena)
        case .escapeSeqDecode: EscapeSeqDecode.apply(input, scratch.arena)
        case .hexDecode: HexDecode.apply(input, scratch.arena)
        case .hexEncode: HexEncode.apply(input, scratch.arena)
        case .htmlEntityDecode: HTMLEntityDecode.apply(input, scratch.arena)
        case .jsDecode: JSDecode.apply(input, scratch.arena)
        case .length: scratch.arena.decimal(input.count)
        case .lowercase: LetterCase.apply(input, scratch.arena, isUpper: false)
        case .md5: MD5.apply(input, scratch.arena)
        case .normalizePath: NormalizePath.apply(input, scratch.arena, isWindows: false)
        case .normalizePathWin: NormalizePath.apply(input, scratch.arena, isWindows: true)
        case .parityEven7bit: Parity.apply(input, scratch.arena, .even)
        case .parityOdd7bit: Parity.apply(input, scratch.arena, .odd)
        case .parityZero7bit: Parity.apply(input, scratch.arena, .zero)
        case .phpArgsNames: PHPArgsNames.apply(input, scratch.arena)
        case .removeComments: RemoveComments.apply(input, scratch.arena)
        case .removeCommentsChar: RemoveCommentsChar.apply(input, scratch.arena)
        case .removeNulls: RemoveBytes.apply(input, scratch.arena) { $0 == 0 }
        case .removeWhitespace:
            RemoveBytes.apply(input, scratch.arena) { $0.isWhitespace || $0 == 0xA0 }
        case .replaceComments: ReplaceComments.apply(input, scratch.arena)
        case .replaceNulls: ReplaceNulls.apply(input, scratch.arena)
        case .sha1: SHA1.apply(input, scratch.arena)
        case .sqlHexDecode: SQLHexDecode.apply(input, scratch.arena)
        case .trim: Trim.apply(input, leading: true, trailing: true)
        case .trimLeft: Trim.apply(input, leading: true, trailing: false)
        case .trimRight: Trim.apply(input, leading: false, trailing: true)
        case .uppercase: LetterCase.apply(input, scratch.arena, isUpper: true)
        case .urlDecode: URLDecode.apply(input, scratch.arena)
        case .urlDecodeUni: URLDecodeUni.apply(input, scratch.arena, codePage: scratch.codePage)
        case .urlEncode: URLEncode.apply(input, scratch.arena)
        case .utf8toUnicode: UTF8ToUnicode.apply(input, scratch.arena)
        }
    }
}

/// What transformations work with: memory for results, and the code page of `SecUnicodeMapFile`.
struct TransformationScratch {
    let arena: Arena
    let codePage: CodePage?
}
