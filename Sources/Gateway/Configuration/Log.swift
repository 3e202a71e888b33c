extension Configuration {
    /// Where the logs go.
    struct Log: Sendable, Equatable {
        /// One JSON line per request: a path, `stdout` or `off`. Default stdout.
        var access = LogTarget.stdout
        /// Least important message of the service log: `debug`, `info`, `warning` or `error`. Default info.
        var level = LogLevel.info
        /// One JSON line per request that the rules matched: a path, `stdout` or `off`. Default stdout.
        var waf = LogTarget.stdout
        /// The form of that log: `ecs`, or `modsecurity` for a line per match as tools for ModSecurity read it from
        /// Apache's error log. Default ecs.
        var wafForm = LogForm.ecs
        /// How much of addresses the logs of requests tell: `full`, `prefix` (IPv4 /24, IPv6 /48) or `off`.
        /// Default full.
        var addresses = LogAddresses.full
    }

    /// How much of an address a log tells.
    enum LogAddresses: String, Sendable, CaseIterable {
        case full
        case prefix
        case off
    }

    /// How the log of the rules looks.
    enum LogForm: String, Sendable, CaseIterable {
        case ecs
        case modsecurity
    }

    /// Where one log goes.
    enum LogTarget: Sendable, Equatable {
        case off
        case stdout
        case file(String)
    }

    /// Importance of a service log message.
    enum LogLevel: String, Sendable, CaseIterable {
        case debug
        case info
        case warning
        case error
    }
}
