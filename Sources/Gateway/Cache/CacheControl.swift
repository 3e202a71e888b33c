import HTTP

/// The directives of a message's Cache-Control field that a shared cache acts on (RFC 9111 section 5.2).
struct CacheControl: Sendable, Equatable {
    /// Directives that are either there or not. A qualified `private="field"` or `no-cache="field"` counts as the
    /// unqualified one: storing less than allowed is safe, stripping fields out of a stored response is not simple.
    struct Directives: OptionSet, Sendable {
        let rawValue: UInt16

        static let noStore = Directives(rawValue: 1 << 0)
        static let noCache = Directives(rawValue: 1 << 1)
        static let isPrivate = Directives(rawValue: 1 << 2)
        static let isPublic = Directives(rawValue: 1 << 3)
        static let mustRevalidate = Directives(rawValue: 1 << 4)
    }

    /// A delta-seconds argument (RFC 9111 section 1.2.2).
    enum Seconds: Sendable, Equatable {
        case absent
        case value(Int)
        /// Not a number, missing, or said twice with different values: the response counts as stale.
        case invalid
    }

    private(set) var directives: Directives = []
    private(set) var maxAge = Seconds.absent
    private(set) var sharedMaxAge = Seconds.absent

    func has(_ directive: Directives) -> Bool {
        directives.contains(directive)
    }

    /// Adds the directives of one field line; call it for each Cache-Control line of the message.
    mutating func add(line: ByteView) {
        for element in ListElements(line) {
            let name = element[0..<Self.nameLength(element)]
            apply(name, argument: Self.argument(element.dropFirst(name.count)))
        }
    }

    /// The directives of every Cache-Control line in a head.
    init(_ fields: FieldSection) {
        for line in fields.values(of: .cacheControl) { add(line: line) }
    }

    init() {}

    private mutating func apply(_ name: ByteView, argument: ByteView?) {
        if let directive = Self.directive(named: name) {
            directives.insert(directive)
        } else if name.equalsIgnoringCase("max-age") {
            Self.set(&maxAge, argument)
        } else if name.equalsIgnoringCase("s-maxage") {
            Self.set(&sharedMaxAge, argument)
        }
    }

    private static func directive(named name: ByteView) -> Directives? {
        switch name.count {
        case 6 where name.equalsIgnoringCase("public"): .isPublic
        case 7 where name.equalsIgnoringCase("private"): .isPrivate
        case 8 where name.equalsIgnoringCase("no-store"): .noStore
        case 8 where name.equalsIgnoringCase("no-cache"): .noCache
        case 15 where name.equalsIgnoringCase("must-revalidate"): .mustRevalidate
        default: nil
        }
    }

    /// What stands before `=`; garbage behind a name ends it, so that a `no-store` followed by some stays a `no-store`.
    private static func nameLength(_ element: ByteView) -> Int {
        var index = 0
        while index < element.count, !isNameEnd(element[index]) { index += 1 }
        return index
    }

    private static func isNameEnd(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == 0x3D || byte == 0x3B || byte == 0x22
    }

    /// The token or the inside of the quoted-string behind `=`: both forms are in use (RFC 9111 section 5.2).
    private static func argument(_ rest: ByteView) -> ByteView? {
        guard rest.count > 1, rest[0] == 0x3D else { return nil }
        guard rest[1] == 0x22 else { return rest.dropFirst(1) }
        guard rest.count > 2, rest[rest.count - 1] == 0x22 else { return nil }
        return rest[2..<(rest.count - 1)]
    }

    private static func set(_ seconds: inout Seconds, _ argument: ByteView?) {
        let said = argument.flatMap { deltaSeconds($0) }.map { Seconds.value($0) } ?? .invalid
        seconds = seconds == .absent || seconds == said ? said : .invalid
    }

    /// A non-negative number of seconds; what exceeds 2^31 is 2^31, as RFC 9111 section 1.2.2 asks.
    static func deltaSeconds(_ digits: ByteView) -> Int? {
        guard !digits.isEmpty else { return nil }
        var value = 0
        for index in 0..<digits.count {
            let digit = digits[index]
            guard digit >= 0x30, digit <= 0x39 else { return nil }
            value = min(value * 10 + Int(digit &- 0x30), 1 << 31)
        }
        return value
    }
}
