/// Writes flags into a decoded configuration and keeps account of which value came from which flag.
struct FlagOverlay {
    private(set) var decoded: DecodedConfiguration

    mutating func setListeners(http: [String], https: [String], isRequired: Bool) {
        guard isRequired || !http.isEmpty || !https.isEmpty else { return }
        var listeners: [(Configuration.Listener, flag: String?)] = []
        for (texts, flag, tls) in [(https, "--https", true), (http, "--http", false)] {
            for text in texts {
                guard let address: Address = parsed(text, flag) else {
                    decoded.unread.insert("listeners")
                    continue
                }
                listeners.append((Configuration.Listener(address: address, tls: tls), flag))
            }
        }
        if http.isEmpty, https.isEmpty {
            listeners = [
                (
                    Configuration.Listener(address: ConfigurationFlags.defaultListener, tls: true),
                    nil
                )
            ]
        }
        decoded.origins.remove(below: "listeners")
        decoded.configuration.listeners = listeners.map(\.0)
        for (index, listener) in listeners.enumerated() {
            let path = "listeners[\(index)]"
            mark([path, "\(path).address", "\(path).tls"], listener.flag)
        }
    }

    mutating func setCertificate(_ certificate: String?, key: String?) {
        guard certificate != nil || key != nil else { return }
        guard let certificate, let key else {
            let (given, missing) = certificate == nil ? ("--key", "--cert") : ("--cert", "--key")
            report(given, Misfit(code: .missingKey, expected: "\(missing) beside it"), found: nil)
            return
        }
        decoded.origins.remove(below: "tls.certificates")
        decoded.configuration.tls.certificates = [.init(certificate: certificate, key: key)]
        mark(["tls.certificates[0].certificate"], "--cert")
        mark(["tls.certificates[0].key"], "--key")
    }

    /// One upstream named `default` and one route that sends everything there.
    mutating func setUpstream(_ texts: [String]) {
        guard !texts.isEmpty else {
            if decoded.source.file.isEmpty {
                report(
                    "haniel",
                    Misfit(code: .missingKey, expected: "--to HOST:PORT or --config FILE"),
                    found: nil
                )
                decoded.unread.insert("routes")
            }
            return
        }
        let words = texts.flatMap {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        let servers = words.compactMap { parsed($0, "--to") as Address? }
        if servers.count < words.count { decoded.unread.insert("upstreams[0].servers") }
        decoded.origins.remove(below: "upstreams")
        decoded.origins.remove(below: "routes")
        let sessions = decoded.configuration.sessions.upstream
        let kept = decoded.configuration.upstreams.filter { $0.name == sessions }
        decoded.configuration.upstreams = [.init(name: "default", servers: servers)] + kept
        decoded.configuration.routes = [.init(action: .proxy("default"))]
        mark(
            [
                "upstreams[0]", "routes[0]", "upstreams[0].name", "upstreams[0].servers",
                "routes[0].proxy",
            ],
            "--to"
        )
    }

    mutating func setRules(files: [String], mode: String?, report: Bool) {
        if !files.isEmpty {
            decoded.origins.remove(below: "rules.files")
            decoded.configuration.rules.files = files
            mark(["rules.files"], "--rules")
        }
        if let mode, let value: Configuration.RulesMode = parsed(mode, "--rules-mode") {
            decoded.configuration.rules.mode = value
            mark(["rules.mode"], "--rules-mode")
        }
        if report {
            decoded.configuration.rules.report = true
            mark(["rules.report"], "--report-rules")
        }
    }

    mutating func setRooms(_ texts: [String]) {
        guard !texts.isEmpty else { return }
        decoded.origins.remove(below: "rooms")
        decoded.configuration.rooms = []
        for text in texts {
            do throws(Misfit) {
                let (room, keys) = try Configuration.Room.parsed(flag: text)
                let index = decoded.configuration.rooms.count
                decoded.configuration.rooms.append(room)
                mark(["rooms[\(index)]"] + keys.map { "rooms[\(index)].\($0)" }, "--room")
            } catch {
                report("--room", error, found: text)
            }
        }
    }

    /// Rooms whose file does not say where their line is kept move to Redis too.
    mutating func setRedis(_ url: String?) {
        guard let url else { return }
        guard isRedisURL(url) else {
            report("--redis", Misfit(expected: redisURLForm), found: redactedURL(url))
            return
        }
        decoded.configuration.redis.url = url
        mark(["redis.url"], "--redis")
        for index in decoded.configuration.rooms.indices
        where decoded.origins["rooms[\(index)].store"] == nil {
            decoded.configuration.rooms[index].store = .redis
            mark(["rooms[\(index)].store"], "--redis")
        }
    }

    mutating func setAdmin(_ text: String?) {
        guard let text else { return }
        if text != "off" {
            guard let address: Address = parsed(text, "--admin") else { return }
            decoded.configuration.admin.address = address
        } else {
            decoded.configuration.admin.address = nil
        }
        mark(["admin.address"], "--admin")
    }

    mutating func setWorkers(_ text: String?) {
        guard let text else { return }
        guard let count = decimal(text), (0...1024).contains(count) else {
            report("--workers", Misfit(expected: "a whole number of 0 to 1024"), found: text)
            return
        }
        decoded.configuration.workers = count
        mark(["workers"], "--workers")
    }

    // MARK: Accounts

    private mutating func mark(_ paths: [String], _ flag: String?) {
        for path in paths { decoded.origins[path] = flag.map { .flag($0) } }
    }

    private mutating func parsed<Value: TextValue>(_ text: String, _ flag: String) -> Value? {
        do throws(Misfit) {
            return try Value(text: text)
        } catch {
            report(flag, error, found: text)
            return nil
        }
    }

    private mutating func report(_ flag: String, _ misfit: Misfit, found: String?) {
        let message = "expected \(misfit.expected)" + (found.map { ", found `\($0)`" } ?? "")
        decoded.problems.append(
            Problem(code: misfit.code, message: message, place: .flag(flag), hint: misfit.hint)
        )
    }
}
