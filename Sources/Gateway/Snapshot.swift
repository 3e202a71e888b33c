import Locations
import Rules
import Transport

/// Everything that one generation of the configuration fixes: routes, rules, certificates, upstreams. Immutable.
///
/// A reload builds a new one beside the old and swaps it whole; a request keeps the one it began with.
final class Snapshot: Sendable {
    /// Counts up from 1 with every reload that succeeded.
    let generation: Int
    let configuration: Configuration
    let router: Router
    let rules: RuleSet?
    /// Which country addresses belong to; nil if nobody is to know.
    let locations: LocationDatabase?
    let tls: TLSServerContext?
    /// The files of the certificates, and when each of these expires, in seconds since 1970.
    let certificateExpiries: [(file: String, seconds: Int)]
    let upstreams: [Upstream]
    let rooms: [GuardedRoom]
    let limits: [LimitPolicy]
    let clientAddress: ClientAddressStage
    let deadlines: Deadlines
    let sessionPolicy: SessionPolicy?

    /// Compiles rules, loads certificates and resolves servers.
    ///
    /// - Throws: `SnapshotError` with everything that is wrong; nothing has changed then.
    init(_ configuration: Configuration, generation: Int, shared: SharedState) throws(SnapshotError) {
        self.generation = generation
        self.configuration = configuration
        var problems: [String] = []
        rules = Self.loadRules(configuration.rules, shared, &problems)
        locations = Self.openLocations(configuration.geoIP, &problems)
        tls = Self.loadCertificates(configuration, shared, &problems)
        let files = Set(configuration.tls.certificates.map(\.certificate)).sorted()
        certificateExpiries = files.compactMap { file in
            (try? Certificate(path: file))?.expiresAt.map { (file, $0) }
        }
        upstreams = Self.resolveUpstreams(configuration.upstreams, shared, &problems)
        rooms = Self.openRooms(configuration, shared, &problems)
        sessionPolicy = SessionPolicy(configuration.sessions, upstreams: upstreams, &problems)
        var context = RouteContext()
        context.upstreams = Dictionary(upstreams.map { ($0.name, $0) }) { first, _ in first }
        limits = configuration.rateLimits.map { LimitPolicy($0) }
        context.limits = Dictionary(limits.map { ($0.limit.name, $0) }) { first, _ in first }
        context.rooms = Dictionary(configuration.rooms.enumerated().map { ($1.name, $0) }) {
            first,
            _ in first
        }
        context.rulesMode = configuration.rules.mode.map(EngineMode.init)
        context.paranoia = configuration.rules.paranoia
        context.inspectsBody = configuration.rules.requestBody
        context.usesCache = configuration.cache.enabled
        router = Router(
            configuration.routes.map { Route($0, in: context) },
            rooms: rooms
        )
        clientAddress = ClientAddressStage(configuration.clientAddress, locations: locations)
        deadlines = Deadlines(configuration)
        guard problems.isEmpty else { throw SnapshotError(problems: problems) }
    }

    private static func openRooms(
        _ configuration: Configuration,
        _ shared: SharedState,
        _ problems: inout [String]
    ) -> [GuardedRoom] {
        do throws(SnapshotError) {
            let secrets = try RoomRegistry.secrets(configuration)
            return configuration.rooms.map { room in
                GuardedRoom(
                    room,
                    room: shared.rooms.room(
                        room,
                        in: configuration,
                        secrets: secrets,
                        &problems
                    )
                )
            }
        } catch {
            problems += error.problems
            return []
        }
    }

    /// The rules of the files; those already in force if no file has changed.
    private static func loadRules(
        _ rules: Configuration.Rules,
        _ shared: SharedState,
        _ problems: inout [String]
    ) -> RuleSet? {
        guard !rules.files.isEmpty else { return nil }
        let current = shared.snapshot?.rules
        if let current, current.isCurrent(for: rules.files) { return current }
        do throws(RuleSetError) {
            return try shared.ruleCompiler.load(rules.files, besides: current)
        } catch {
            problems += error.problems.map { "\($0)" }
            return nil
        }
    }

    private static func openLocations(_ geoIP: Configuration.GeoIP, _ problems: inout [String])
        -> LocationDatabase?
    {
        do throws(FileProblem) {
            return try geoIP.database.map(ConfiguredFile.database(at:))
        } catch {
            problems.append("geoip.database: \(error)")
            return nil
        }
    }

    private static func loadCertificates(
        _ configuration: Configuration,
        _ shared: SharedState,
        _ problems: inout [String]
    ) -> TLSServerContext? {
        guard configuration.listeners.contains(where: { $0.tls }) else { return nil }
        let files = configuration.tls.certificates.map(CertificateFiles.init)
        do throws(TLSContextError) {
            return try TLSServerContext(
                certificates: files,
                minimumVersion: configuration.tls.minimumVersion == .v13 ? .v13 : .v12,
                protocols: ["h2", "http/1.1"],
                tickets: configuration.tls.sessionTickets ? shared.ticketKeys : nil
            )
        } catch {
            problems.append(error.description)
            return nil
        }
    }

    private static func resolveUpstreams(
        _ definitions: [Configuration.Upstream],
        _ shared: SharedState,
        _ problems: inout [String]
    ) -> [Upstream] {
        definitions.enumerated().map { index, definition in
            var servers: [ServerState] = []
            for server in definition.servers {
                let addresses = ServerAddresses.resolve(server)
                if addresses.isEmpty {
                    problems.append("upstream \(definition.name): no address for \(server.text)")
                }
                servers += addresses.map {
                    shared.server(upstream: definition.name, name: server.text, at: $0)
                }
            }
            return Upstream(index: index, definition, servers: servers)
        }
    }
}

extension CertificateFiles {
    init(_ files: Configuration.Certificate) {
        self.init(certificate: files.certificate, key: files.key, policy: TLSHostPolicy(files))
    }
}

extension TLSHostPolicy {
    fileprivate init(_ certificate: Configuration.Certificate) {
        self.init()
        minimumVersion = certificate.minimumVersion.map { $0 == .v13 ? .v13 : .v12 }
        ciphers = certificate.ciphers
        clientCertificates =
            switch certificate.clientCertificates {
            case .off: .off
            case .optional: .optional
            case .required: .required
            }
        clientAuthorities = certificate.clientAuthorities
        clientRevocations = certificate.clientRevocations
        staple = certificate.staple
    }
}

/// Why a configuration could not be put into force.
struct SnapshotError: Error {
    let problems: [String]
}

/// The time limits of client connections, in nanoseconds.
struct Deadlines: Sendable {
    let handshake: UInt64
    let head: UInt64
    let body: UInt64
    let keepAlive: UInt64
    let write: UInt64
    let pace: ContentPace
    let tunnel: UInt64

    init(_ configuration: Configuration) {
        let timeouts = configuration.timeouts
        handshake = timeouts.handshake.wholeNanoseconds
        head = timeouts.head.wholeNanoseconds
        body = timeouts.body.wholeNanoseconds
        keepAlive = timeouts.keepAlive.wholeNanoseconds
        write = timeouts.write.wholeNanoseconds
        pace = ContentPace(
            bytesPerSecond: configuration.limits.bodyBytesPerSecond,
            totalNanoseconds: timeouts.bodyTotal.wholeNanoseconds
        )
        tunnel = timeouts.tunnel.wholeNanoseconds
    }
}
