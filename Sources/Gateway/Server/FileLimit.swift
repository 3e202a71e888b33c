import Glibc

/// The number of descriptors the process may have open.
enum FileLimit {
    /// Client connections that it allows, each with one to a server, and some for everything else.
    static var connections: Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return .max
        }
        return max(16, (Int(clamping: limit.rlim_cur) - 64) / 2)
    }

    /// Raises it as far as the system allows.
    static func raise() {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return
        }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
