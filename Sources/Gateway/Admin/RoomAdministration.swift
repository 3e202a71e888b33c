import HTTP

/// Rooms by the admin listener: `GET /rooms`, `GET /rooms/NAME`, `POST /rooms/NAME?mode=pause&capacity=20`,
/// `POST /rooms/NAME/invite?count=10&uses=1&seconds=86400`, and `GET /dashboard` for people.
///
/// A POST needs the field `X-Haniel-Operator` with the name of who asks: it goes into the log, and no page of another
/// site can send it, unless the site's name points here, for which `admin.origins` exists.
struct RoomAdministration {
    struct Answer {
        var status: Int
        var type: StaticString
        var body: String

        static func json(_ body: String, status: Int = 200) -> Answer {
            Answer(status: status, type: "application/json", body: body + "\n")
        }

        static func problem(_ status: Int, _ text: String) -> Answer {
            .json("{\"problem\":\(JSONValue.quoted(text))}", status: status)
        }
    }

    let rooms: [WaitingRoom]
    /// Whose pages may change something.
    let origins: [String]

    /// The answer to a request; nil if its path is not about rooms.
    func answer(_ head: RequestHead) async -> Answer? {
        let path = head.target.path.string
        if path == "/dashboard" {
            return Answer(status: 200, type: "text/html; charset=utf-8", body: Dashboard.page)
        }
        let parts = path.split(separator: "/").map(String.init)
        guard parts.first == "rooms" else { return nil }
        let isChange = head.method == .post
        guard isChange || head.method == .get || head.method == .head else {
            return .problem(405, "only GET and POST")
        }
        guard parts.count > 1 else {
            let reports = rooms.map(\.report).joined(separator: ",")
            return isChange ? .problem(405, "only GET") : .json("[\(reports)]")
        }
        guard let room = rooms.first(where: { $0.settings.name == parts[1] }) else {
            return .problem(404, "there is no such room")
        }
        guard isChange else { return .json(room.report) }
        guard let name = head.fields.first(named: "x-haniel-operator")?.string,
            (1...64).contains(name.utf8.count)
        else { return .problem(403, "X-Haniel-Operator has to say who asks") }
        guard !isForeignPage(head) else {
            return .problem(403, "this page's origin is not listed in `admin.origins`")
        }
        let parameters = Self.parameters(head.target.query?.string ?? "")
        if parts.count == 3, parts[2] == "invite" { return invite(room, parameters, by: name) }
        guard parts.count == 2 else { return .problem(404, "there is nothing at this address") }
        if let problem = await room.change(parameters, by: name) { return .problem(400, problem) }
        return .json(room.report)
    }

    /// Whether a browser asks for a page whose origin has a name that nobody listed. Such a name may be made to point
    /// here by anybody (DNS rebinding), and its pages then ask as if they were ours. Browsers name the
    /// origin with every change (Fetch standard); tools do not.
    private func isForeignPage(_ head: RequestHead) -> Bool {
        guard let origin = head.first(of: .origin)?.string, !origins.contains(origin) else {
            return false
        }
        let place = origin.split(separator: "//", maxSplits: 1).last.map(String.init) ?? ""
        let hasPort = place.contains(":") && !place.hasSuffix("]")
        switch try? Address(text: hasPort ? place : place + ":80") {
        case .ip: return false
        case .name(let host, _): return host != "localhost"
        case .unix, nil: return true
        }
    }

    private func invite(
        _ room: WaitingRoom,
        _ parameters: [(key: String, value: String)],
        by name: String
    ) -> Answer {
        var wrong: String?
        func number(_ key: String, _ fallback: Int, _ range: ClosedRange<Int>) -> Int {
            guard let text = parameters.first(where: { $0.key == key })?.value else {
                return fallback
            }
            if let number = Int(text), range.contains(number) { return number }
            wrong = "\(key) has to be \(range.lowerBound) to \(range.upperBound)"
            return fallback
        }
        let count = number("count", 1, 1...1_000)
        let uses = number("uses", 1, 1...1_000_000)
        let seconds = number("seconds", 86_400, 60...31_536_000)
        if let wrong { return .problem(400, wrong) }
        let texts = room.invitations(count: count, uses: uses, seconds: seconds, by: name)
        let quoted = texts.map { JSONValue.quoted($0) }.joined(separator: ",")
        return .json("[\(quoted)]")
    }

    private static func parameters(_ query: String) -> [(key: String, value: String)] {
        query.split(separator: "&", maxSplits: 32).compactMap { pair in
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            return (String(parts[0]), WaitingRoomPath.decoded(parts[1].utf8))
        }
    }
}
