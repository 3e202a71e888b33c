/// The target of a request in the one form that routing, rules, cache and upstream all use.
///
/// The path is canonical: unreserved characters decoded, other escapes in upper case, dot segments gone, bytes that
/// may not stand in a URI encoded. What a path could hide is not decoded but flagged, and policy decides. The views
/// live as long as the head's.
public struct Target {
    /// The four forms of RFC 9112 section 3.2.
    public enum Form: UInt8, Sendable {
        case origin, absolute, authority, asterisk
    }

    /// What is unusual about a path.
    public struct Flags: OptionSet, Sendable {
        public let rawValue: UInt16
        public init(rawValue: UInt16) { self.rawValue = rawValue }

        /// `%2F`, `%5C` or a backslash: a separator to some readers.
        public static let hasEncodedSeparator = Flags(rawValue: 1)
        /// `%00`: the end of the path to some readers.
        public static let hasEncodedNUL = Flags(rawValue: 2)
        /// A percent sign without two hexadecimal digits; it stands as `%25` in the canonical path.
        public static let hasInvalidEscape = Flags(rawValue: 4)
        /// More `..` than there are segments; the path was held at the root.
        public static let climbsAboveRoot = Flags(rawValue: 8)
        /// `//`, kept as it is.
        public static let hasEmptySegment = Flags(rawValue: 16)
        /// `;` or `%3B`: the start of parameters to some readers.
        public static let hasParameters = Flags(rawValue: 32)
        /// An escape of a control character other than NUL.
        public static let hasEncodedControl = Flags(rawValue: 64)
        /// `.` or `..` beside an encoded separator or a parameter: a dot segment to readers that decode once more
        /// or cut parameters off, as in `..%2f` and `..;`.
        public static let hidesDotSegment = Flags(rawValue: 128)
        /// A byte that no URI holds and no browser sends in a path; it stands encoded in the canonical path.
        public static let hasForbiddenByte = Flags(rawValue: 256)
    }

    public let form: Form
    public let flags: Flags
    /// The target as received.
    public let raw: ByteView
    /// The canonical path; `*` in asterisk form, empty in authority form.
    public let path: ByteView
    /// What follows the question mark, as received but for bytes that may not stand in a URI; nil without one.
    public let query: ByteView?
    /// Host and port in absolute and authority form, else empty.
    public let authority: ByteView

    init(_ places: TargetPlaces, in table: FieldTable) {
        form = places.form
        flags = places.flags
        raw = table.view(places.raw)
        path = table.view(places.path)
        query = places.query.map { table.view($0) }
        authority = table.view(places.authority)
    }
}

/// Where the parts of a target stand in the storage of a head.
struct TargetPlaces {
    var form = Target.Form.origin
    var flags = Target.Flags()
    var raw = 0..<0
    var path = 0..<0
    var query: Range<Int>?
    var authority = 0..<0
}
