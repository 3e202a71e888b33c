/// How long an account is closed after wrong passwords. Pure.
enum LoginThrottle {
    /// Wrong passwords that cost nothing.
    static let freeAttempts = 4
    /// More failures than this make no difference.
    static let countLimit = 1000
    private static let longest: Milliseconds = 15 * Span.minute

    /// Until when nobody can sign in after the `failures`th wrong password in a row; nil for not at all.
    ///
    /// One second after the fifth, doubling up to a quarter of an hour: a guesser gets some hundred tries a day, the
    /// owner waits seconds.
    static func lockedUntil(failures: Int, at now: Milliseconds) -> Milliseconds? {
        guard failures > freeAttempts else { return nil }
        let doublings = min(failures - freeAttempts - 1, 10)
        return now + min(Span.second << Milliseconds(doublings), longest)
    }
}
