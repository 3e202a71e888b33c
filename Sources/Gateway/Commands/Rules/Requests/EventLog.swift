/// The gateway's event log of the firewall: one ECS object per request in which a rule matched.
enum EventLog {
    struct Match: Sendable {
        let id: Int
        let target: String
        let message: String
        let excerpt: [UInt8]
    }

    struct Event: Sendable {
        /// The reference that the block page shows.
        let id: String
        let time: String
        let method: String
        let host: String
        let path: String
        let client: String
        let status: Int
        let matches: [Match]
    }

    /// The events of a file; lines of other kinds are passed over.
    static func read(_ path: String) throws -> [Event] {
        guard let bytes = FileContents.read(path) else {
            throw RegressionProblem(description: "cannot read \(path)")
        }
        return bytes.split(separator: 0x0A).compactMap { line in
            guard let value = try? JSONReader.read(line, .codePoints) else { return nil }
            return event(value)
        }
    }

    private static func event(_ value: JSONValue) -> Event? {
        guard let matches = value["haniel.waf.matches"]?.array else { return nil }
        return Event(
            id: value["http.request.id"]?.text ?? "",
            time: value["@timestamp"]?.text ?? "",
            method: value["http.request.method"]?.text ?? "",
            host: value["url.domain"]?.text ?? "",
            path: value["url.path"]?.text ?? "",
            client: value["client.ip"]?.text ?? "",
            status: value["http.response.status_code"]?.integer ?? 0,
            matches: matches.compactMap { match in
                guard let id = match["id"]?.integer else { return nil }
                return Match(
                    id: id,
                    target: match["target"]?.text ?? "",
                    message: match["message"]?.text ?? "",
                    excerpt: match["excerpt"]?.bytes ?? []
                )
            }
        )
    }
}
