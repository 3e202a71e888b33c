/// What operators decided about a room while it runs; nil leaves it to the configuration.
struct RoomControl: Hashable, Sendable {
    /// Counts the decisions.
    var version: Int64 = 0
    var mode: WaitingRoomSettings.Mode?
    var capacity: Int?
    var ratePerSecond: Double?
    var burst: Int?
    var sessionSeconds: Int?

    /// `mode=paused capacity=20`; empty if nothing is decided.
    var text: String {
        var words: [String] = []
        if let mode { words.append("mode=\(mode.rawValue)") }
        if let capacity { words.append("capacity=\(capacity)") }
        if let ratePerSecond { words.append("rate=\(ratePerSecond)") }
        if let burst { words.append("burst=\(burst)") }
        if let sessionSeconds { words.append("session=\(sessionSeconds)") }
        return words.joined(separator: " ")
    }

    init() {}

    /// Reads `text`; words that say nothing sensible are left out.
    init(text: String, version: Int64) {
        self.version = version
        for word in text.split(separator: " ") {
            guard let equals = word.firstIndex(of: "=") else { continue }
            _ = set(String(word[..<equals]), to: String(word[word.index(after: equals)...]))
        }
    }

    /// Sets one value, or gives it back to the configuration with `default`; false if the value cannot be.
    mutating func set(_ key: String, to text: String) -> Bool {
        let isDefault = text == "default"
        switch key {
        case "mode":
            mode = WaitingRoomSettings.Mode(rawValue: text)
            return mode != nil || isDefault
        case "capacity": return Self.read(text, 1...10_000_000, into: &capacity)
        case "burst": return Self.read(text, 1...1_000_000, into: &burst)
        case "session":
            let duration = (try? Quantity.wholeSeconds(text)).map { "\($0.components.seconds)" }
            return Self.read(duration ?? text, 1...86_400, into: &sessionSeconds)
        case "rate":
            let value = Self.rate(text).flatMap { $0 >= 0.001 && $0 <= 1_000_000 ? $0 : nil }
            guard value != nil || isDefault else { return false }
            ratePerSecond = value
            return true
        default: return false
        }
    }

    /// What a key may be set to, for people.
    static func expectation(of key: String) -> String {
        switch key {
        case "mode": choice(of: WaitingRoomSettings.Mode.allCases.map(\.rawValue)) + ", or default"
        case "capacity": "1 to 10000000, or default"
        case "burst": "1 to 1000000, or default"
        case "session": "1s to 1d, such as 90s or 30m, or default"
        case "rate": "0.001/s to 1000000/s, such as 20/s or 10/m, or default"
        default: "what can be set is mode, capacity, rate, burst and session"
        }
    }

    /// As the configuration says it, or a number of people per second.
    private static func rate(_ text: String) -> Double? {
        if let rate = try? Rate(text: text) { return rate.perSecond }
        return Double(text.hasSuffix("/s") ? text.dropLast(2) : text[...])
    }

    private static func read(_ text: String, _ range: ClosedRange<Int>, into value: inout Int?)
        -> Bool
    {
        if text == "default" {
            value = nil
            return true
        }
        guard let number = Int(text), range.contains(number) else { return false }
        value = number
        return true
    }

    /// The settings with these decisions in force.
    func applied(to settings: WaitingRoomSettings) -> WaitingRoomSettings {
        var settings = settings
        settings.mode = mode ?? settings.mode
        settings.capacity = capacity ?? settings.capacity
        settings.ratePerSecond = ratePerSecond ?? settings.ratePerSecond
        settings.burst = burst ?? settings.burst
        settings.sessionSeconds = sessionSeconds ?? settings.sessionSeconds
        return settings
    }
}
