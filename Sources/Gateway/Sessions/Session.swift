/// Who a visitor is, as the service that issued the session says.
struct Session: Sendable {
    /// The user's id.
    let subject: String
    /// The session's id: the SHA-256 of its token, in hexadecimal.
    let id: String
    /// `user`, `admin` or whatever else the service knows.
    let role: String
    /// When the session ends, in seconds since 1970.
    let expiresAt: Int
}
