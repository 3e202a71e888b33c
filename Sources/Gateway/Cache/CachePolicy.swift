import HTTP

/// What a shared cache may serve and may store (RFC 9111 sections 3 and 4). Pure: it sees heads and clocks, no storage.
///
/// Stricter than the RFC where a gateway before logged-in visitors must be: nothing is guessed (no heuristic
/// freshness), and what a visitor with a cookie gets is shared only if the origin says so in words. Directives of
/// requests, which RFC 9111 section 5.2.1 leaves to the cache, are not obeyed, but for `no-store`: anyone could send
/// every request through to the origin.
enum CachePolicy {
    /// Request fields a response may vary by before it is not worth storing.
    static let varyNamesLimit = 8

    /// What to do with a request before anything is looked up.
    enum RequestUse: Equatable {
        case lookUp
        case forward(CacheStatus.Forward)
    }

    /// Whom a stored response may be served to besides requests without credentials.
    struct Sharing: OptionSet, Sendable {
        let rawValue: UInt8

        /// Requests with a Cookie field: `public` or `s-maxage`.
        static let cookies = Sharing(rawValue: 1)
        /// Requests with an Authorization field: also `must-revalidate` (RFC 9111 section 3.5).
        static let authorization = Sharing(rawValue: 2)
    }

    /// Terms on which a response is stored.
    struct Terms: Sendable, Equatable {
        let freshness: Freshness
        let sharing: Sharing
    }

    static func use(of request: RequestHead) -> RequestUse {
        guard request.method == .get || request.method == .head else { return .forward(.method) }
        guard request.framing == .none || request.framing == .length(0) else {
            return .forward(.bypass)
        }
        for name in bypassNames where request.fields.contains(name) {
            return .forward(.bypass)
        }
        guard request.target.flags.isDisjoint(with: bypassFlags) else {
            return .forward(.bypass)
        }
        return .lookUp
    }

    /// What a stored response must allow so that this request may be answered with it.
    static func sharing(requiredBy request: RequestHead) -> Sharing {
        var required: Sharing = []
        if request.fields.contains(.cookie) { required.insert(.cookies) }
        if request.fields.contains(.authorization) { required.insert(.authorization) }
        return required
    }

    /// The terms on which the response may be stored; nil when it may not.
    ///
    /// - Parameters:
    ///   - requestTime: when the request went to the origin, in seconds since 1970.
    ///   - responseTime: when the response's head arrived.
    static func terms(
        for response: ResponseHead,
        to request: RequestHead,
        requestTime: Int,
        responseTime: Int
    ) -> Terms? {
        guard request.method == .get, isStorable(response),
            isVaryBearable(response.fields, for: request.fields)
        else { return nil }
        guard !CacheControl(request.fields).has(.noStore) else { return nil }
        let control = CacheControl(response.fields)
        guard control.directives.isDisjoint(with: [.noStore, .noCache, .isPrivate]) else {
            return nil
        }
        let sharing = Self.sharing(allowedBy: control)
        guard sharing.isSuperset(of: Self.sharing(requiredBy: request)) else { return nil }
        let freshness = Freshness(
            control: control,
            origin: Freshness.Origin(response.fields, now: responseTime),
            requestTime: requestTime,
            responseTime: responseTime
        )
        return freshness.isFresh(at: responseTime)
            ? Terms(freshness: freshness, sharing: sharing) : nil
    }

    private static func sharing(allowedBy control: CacheControl) -> Sharing {
        if control.has(.isPublic) || control.sharedMaxAge != .absent {
            return [.cookies, .authorization]
        }
        return control.has(.mustRevalidate) ? [.authorization] : []
    }

    private static func isStorable(_ response: ResponseHead) -> Bool {
        guard storableStatuses.contains(response.status) else { return false }
        // Content that ends with the connection cannot be told from content that was cut off.
        guard response.framing != .untilClose else { return false }
        let fields = response.fields
        // A command to the gateway concerns the one visitor it was sent for.
        guard !fields.contains(.setCookie), !fields.contains(.waitingRoomCommand) else {
            return false
        }
        return !fields.contains(.contentRange)
    }

    private static func isVaryBearable(_ response: FieldSection, for request: FieldSection) -> Bool {
        var count = 0
        for line in response.values(of: .vary) {
            for name in ListElements(line) {
                count += 1
                guard count <= varyNamesLimit, isSelecting(name, of: request) else { return false }
            }
        }
        return true
    }

    /// Whether requests can be told apart by the field. A response that varies by everything, or by what each visitor
    /// has alone, would never be found again.
    private static func isSelecting(_ name: ByteView, of request: FieldSection) -> Bool {
        guard !name.equals("*") else { return false }
        let known = FieldName(recognising: name)
        guard known != .cookie, known != .authorization else { return false }
        // The host is a part of the key; of other fields that the gateway writes, clients have no say.
        guard known == .host || RequestWriter.passesUnchanged(known, name) else { return false }
        return !SelectingField(request, known: known, name: name).isTooLong
    }

    /// Statuses whose meaning is known here. Not 206 and 304, which are parts; not 400, 405, 414, 429, 431 and 5xx,
    /// which an attacker can provoke with a request that differs only in what is not part of the key.
    private static let storableStatuses: Set<Int> = [
        200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 410, 451,
    ]

    /// If-Match and If-Unmodified-Since are the origin's to judge (RFC 9111 section 4.3.2); the others change what some
    /// origins answer without being part of the key.
    private static let bypassNames: [FieldName] = [
        .ifMatch, .ifUnmodifiedSince, .upgrade, .xHTTPMethodOverride, .xHTTPMethod,
        .xMethodOverride, .xOriginalURL, .xRewriteURL,
    ]

    /// Paths that two readers could take for different ones are no keys.
    private static let bypassFlags: Target.Flags = [
        .hasEncodedNUL, .hasEncodedControl, .hasInvalidEscape, .climbsAboveRoot,
    ]
}

extension Freshness.Origin {
    /// Reads Date, Age and Expires of a response; `now` settles the century of a two-digit year.
    init(_ fields: FieldSection, now: Int) {
        date = fields.only(.date).flatMap { HTTPDate.parse($0, now: now) }
        age = fields.first(of: .age).flatMap { CacheControl.deltaSeconds($0) } ?? 0
        guard fields.contains(.expires) else { return }
        expires = fields.only(.expires).flatMap { HTTPDate.parse($0, now: now) } ?? 0
    }
}
