extension Configuration {
    /// How a visitor's session cookie is checked before a route that asks for a session.
    struct Sessions: Sendable, Equatable {
        /// Cookie that carries the session token. Default __Host-bmh_sid.
        var cookie = "__Host-bmh_sid"
        /// Who knows the sessions: `upstream` (asked over HTTP), `redis` (read directly) or `off`. Default off.
        var store = SessionStore.off
        /// Upstream that answers session questions; needed by `store: upstream`. Default null.
        var upstream: String?
        /// Path to ask there. Default /internal/session.
        var path = "/internal/session"
        /// How long an answer is remembered; a revoked session lives on for at most this long. Default 5s; 0s to 1h.
        var remember = Duration.seconds(5)
        /// File with the Ed25519 private key that signs who the visitor is for the upstream. Default null: unsigned.
        var assertionKey: String?
        /// Prefix of the session keys in Redis. Default sess:
        var redisPrefix = "sess:"
    }

    /// Who knows the sessions.
    enum SessionStore: String, Sendable, CaseIterable {
        case off
        case upstream
        case redis
    }
}
