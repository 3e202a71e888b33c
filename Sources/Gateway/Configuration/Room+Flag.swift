extension Configuration.Room {
    /// Reads `NAME path=/onsale/* capacity=100 rate=50/s session=10s`; returns the keys that were given, too.
    static func parsed(flag text: String) throws(Misfit) -> (room: Self, keys: [String]) {
        let words = text.split(separator: " ")
        let form = "\"NAME path=/onsale/* capacity=100 rate=50/s session=10s\""
        guard let name = words.first, isToken(name), !name.contains("=") else {
            throw Misfit(expected: "a name first, as in \(form)")
        }
        var room = Self(name: String(name), capacity: 0)
        var keys = ["name"]
        for word in words.dropFirst() {
            guard let equals = word.firstIndex(of: "=") else {
                throw Misfit(expected: "key=value, as in \(form)")
            }
            keys.append(
                try room.set(
                    String(word[..<equals]),
                    to: String(word[word.index(after: equals)...])
                )
            )
        }
        guard room.capacity > 0 else {
            throw Misfit(code: .missingKey, expected: "capacity=N, as in \(form)")
        }
        guard !room.paths.isEmpty else {
            throw Misfit(code: .missingKey, expected: "path=/…, as in \(form)")
        }
        return (room, keys)
    }

    /// Sets one value and returns the key that it has in a file.
    private mutating func set(_ key: String, to text: String) throws(Misfit) -> String {
        switch key {
        case "path":
            paths.append(try PathPattern(text: text))
            return "paths"
        case "host":
            hosts.append(try HostPattern(text: text))
            return "hosts"
        case "capacity": capacity = try Self.count(text, key)
        case "burst": burst = try Self.count(text, key)
        case "rate": rate = try Rate(text: text)
        case "session": session = try Self.seconds(text, .seconds(1) ... .seconds(86_400))
        case "lease": lease = try Self.seconds(text, .seconds(1) ... .seconds(600))
        case "grace": grace = try Self.seconds(text, .seconds(1) ... .seconds(86_400))
        case "store": store = try Configuration.RoomStore(text: text)
        case "on_store_loss": onStoreLoss = try Configuration.StoreLossPolicy(text: text)
        case "mode": mode = try WaitingRoomSettings.Mode(text: text)
        case "order": order = try Configuration.RoomOrder(text: text)
        case "opens_at": opensAt = try PointInTime(text: text)
        case "closes_at": closesAt = try PointInTime(text: text)
        case "prequeue":
            prequeue = try Self.checked(try Quantity.duration(text), .zero ... .seconds(2_592_000))
        case "queue_limit": queueLimit = try Self.count(text, key)
        case "status":
            guard let value = decimal(text), [200, 202, 429, 503].contains(value) else {
                throw Misfit(code: .outOfRange, expected: "status=200, 202, 429 or 503")
            }
            status = value
        default:
            let known = [
                "path", "host", "capacity", "rate", "burst", "session", "lease", "grace", "store",
                "on_store_loss", "mode", "order", "opens_at", "closes_at", "prequeue",
                "queue_limit",
                "status",
            ]
            let hint = nearestName(to: key, among: known).map { "did you mean `\($0)`?" }
            throw Misfit(code: .unknownKey, expected: choice(of: known), hint: hint)
        }
        return key
    }

    private static func count(_ text: String, _ key: String) throws(Misfit) -> Int {
        guard let count = decimal(text), (1...10_000_000).contains(count) else {
            throw Misfit(
                code: .outOfRange,
                expected: "\(key)=N with a whole number of 1 to 10000000"
            )
        }
        return count
    }

    private static func seconds(_ text: String, _ range: ClosedRange<Duration>) throws(Misfit)
        -> Duration
    {
        try checked(try Quantity.wholeSeconds(text), range)
    }

    private static func checked(_ duration: Duration, _ range: ClosedRange<Duration>)
        throws(Misfit) -> Duration
    {
        guard range.contains(duration) else {
            let limits = "\(Quantity.text(range.lowerBound)) to \(Quantity.text(range.upperBound))"
            throw Misfit(code: .outOfRange, expected: limits)
        }
        return duration
    }
}
