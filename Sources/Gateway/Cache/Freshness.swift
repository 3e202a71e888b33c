/// How long a stored response may be served, and how old it is (RFC 9111 section 4.2). Times are seconds since 1970.
struct Freshness: Sendable, Equatable {
    /// What the response says of its own time.
    struct Origin: Sendable, Equatable {
        /// The Date field; nil when absent or unreadable, then the time of receipt counts.
        var date: Int?
        /// The Age field, zero when absent or unreadable.
        var age = 0
        /// The Expires field; an unreadable one is a time in the past (RFC 9111 section 5.3), say zero.
        var expires: Int?
    }

    /// When the response arrived.
    let responseTime: Int
    /// Its age on arrival: corrected_initial_age.
    let initialAge: Int
    /// Its freshness lifetime; zero when the origin names none, since nothing is guessed here.
    let lifetime: Int

    /// - Parameters:
    ///   - requestTime: when the request went to the origin; the time on the way counts as age.
    init(control: CacheControl, origin: Origin, requestTime: Int, responseTime: Int) {
        let date = origin.date ?? responseTime
        let apparentAge = max(0, responseTime - date)
        let correctedAge = origin.age + max(0, responseTime - requestTime)
        self.responseTime = responseTime
        initialAge = max(apparentAge, correctedAge)
        lifetime = Self.lifetime(control: control, expires: origin.expires, date: date)
    }

    /// Age in whole seconds; a clock that was set back makes nothing younger than on arrival.
    func age(at now: Int) -> Int {
        initialAge + max(0, now - responseTime)
    }

    func isFresh(at now: Int) -> Bool {
        age(at: now) < lifetime
    }

    /// What is left of the lifetime, negative once stale.
    func secondsLeft(at now: Int) -> Int {
        lifetime - age(at: now)
    }

    private static func lifetime(control: CacheControl, expires: Int?, date: Int) -> Int {
        for said in [control.sharedMaxAge, control.maxAge] {
            switch said {
            case .value(let seconds): return seconds
            case .invalid: return 0
            case .absent: continue
            }
        }
        guard let expires else { return 0 }
        return max(0, expires - date)
    }
}
