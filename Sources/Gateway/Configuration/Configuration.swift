/// Everything an operator can decide about one gateway: what it listens on, whom it trusts, what it refuses and where
/// it sends the rest. Plain values; a generation of the configuration never changes once it is built.
struct Configuration: Sendable, Equatable {
    /// Worker threads, each with its own event loop. Default 0, which means one per core; 0 to 1024.
    var workers = 0
    /// User to become once the sockets are open and the files read; started as root only. Default null: nobody else.
    var user: String?
    /// Addresses to accept connections on. At least one.
    var listeners: [Listener] = []
    /// Certificates and protocol versions of every listener with `tls: true`.
    var tls = TLS()
    /// Health, metrics and administration, kept away from the public listeners.
    var admin = Admin()
    /// How the address of the client is found when other proxies stand in front.
    var clientAddress = ClientAddress()
    /// Which country clients come from.
    var geoIP = GeoIP()
    /// Sizes and counts that no client may exceed.
    var limits = Limits()
    /// Times after which the gateway stops waiting for a client.
    var timeouts = Timeouts()
    /// Named request rates; a route lists the ones that apply to it.
    var rateLimits: [RateLimit] = []
    /// The web application firewall.
    var rules = Rules()
    /// How a visitor's session cookie is checked.
    var sessions = Sessions()
    /// Virtual waiting rooms.
    var rooms: [Room] = []
    /// The response cache, shared by all workers.
    var cache = Cache()
    /// The Redis that rooms, sessions and limits share when several gateways run.
    var redis = Redis()
    /// File with the secret that signs waiting-room tickets, at least 32 bytes. Default null: a secret drawn at the
    /// first start and kept in `state` or, for rooms in Redis, there; with neither no ticket survives a restart.
    var signingSecret: String?
    /// Files with secrets that signed tickets earlier and are still accepted. Default none.
    var formerSigningSecrets: [String] = []
    /// Directory where rooms kept in this process write what must survive a restart. Default null: the directory of
    /// `signing_secret` if there is one, else nothing is written.
    var state: String?
    /// Groups of servers that requests are forwarded to.
    var upstreams: [Upstream] = []
    /// What happens to a request; the first route that matches decides.
    var routes: [Route] = []
    /// Where the logs go.
    var log = Log()
}
