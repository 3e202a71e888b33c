import CLinux
import Glibc

/// The system's service supervisor, if one started the process: what systemd's `sd_notify` is for.
public struct Supervisor: Sendable {
    private let path: String?
    /// How often the supervisor wants to hear that all is well, in nanoseconds; nil if it does not.
    public let watchdogNanoseconds: UInt64?

    /// Looks for a supervisor in the environment.
    public init() {
        path = Self.text("NOTIFY_SOCKET")
        let isForUs = Self.text("WATCHDOG_PID").map { $0 == "\(getpid())" } ?? true
        let microseconds = Self.text("WATCHDOG_USEC").flatMap { UInt64($0) }
        watchdogNanoseconds = isForUs ? microseconds.map { $0 &* 1000 } : nil
    }

    /// Tells the supervisor a state such as `READY=1`; nothing happens if there is none.
    public func notify(_ state: String, descriptors: [Int32] = []) {
        guard let path else { return }
        _ = unsafe bmh_send_message(path, state, descriptors, Int32(clamping: descriptors.count))
    }

    private static func text(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}
