/// What a store knows of a session without asking anybody.
enum SessionStanding: Hashable, Sendable {
    /// Goes on at least until then, this request included.
    case active(untilMilliseconds: Int64)
    /// Not known here: ask.
    case unknown
}
