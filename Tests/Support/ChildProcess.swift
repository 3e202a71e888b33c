public import Glibc
import Synchronization

/// A program started by a test; killed with its last reference if it still runs.
public final class ChildProcess: Sendable {
    /// How a program ended.
    public enum Ending: Sendable, Equatable {
        case exited(Int32)
        case signalled(Int32)
    }

    public let processID: pid_t
    private let ending = Mutex<Ending?>(nil)

    /// Starts a program with the environment of the test; both outputs go to one file.
    /// - Parameter folder: the working directory; the test's own by default.
    public init(_ executable: String, _ arguments: [String], output: String, folder: String? = nil)
        throws
    {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(
            &actions,
            1,
            output,
            O_WRONLY | O_CREAT | O_APPEND,
            0o600
        )
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)

        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        // The runner may block or ignore signals; the program under test must see them as in real life.
        var none = sigset_t()
        var usual = sigset_t()
        unsafe sigemptyset(&none)
        unsafe sigemptyset(&usual)
        for signal in [SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGUSR1, SIGUSR2] {
            unsafe sigaddset(&usual, signal)
        }
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &usual)
        unsafe posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
        )

        var processID: pid_t = 0
        // Swift's Glibc offers no file action that changes the folder; env does, and becomes the program.
        let command = (folder.map { ["env", "-C", $0] } ?? []) + [executable] + arguments
        var words = unsafe command.map { unsafe strdup($0) } + [nil]
        defer { for index in unsafe words.indices { unsafe free(words[index]) } }
        let result = unsafe posix_spawnp(
            &processID,
            command[0],
            &actions,
            &attributes,
            &words,
            environ
        )
        guard result == 0 else {
            throw WireError.failed(call: "start \(executable)", errno: result)
        }
        self.processID = processID
    }

    deinit {
        guard !hasEnded else { return }
        _ = kill(processID, SIGKILL)
        _ = waitForEnd(within: Patience.usual)
    }

    public var hasEnded: Bool { waitForEnd(within: .zero) != nil }

    public func send(_ signal: Int32) {
        guard !hasEnded else { return }
        _ = kill(processID, signal)
    }

    /// How the program ended; nil while it still runs at the end of the time.
    public func waitForEnd(within duration: Duration) -> Ending? {
        let deadline = Deadline(within: duration)
        while true {
            if let ended = ending.withLock({ reap(&$0) }) { return ended }
            if deadline.hasPassed { return nil }
            pause(.milliseconds(5))
        }
    }

    /// Asks the program to stop, and insists after the given time.
    @discardableResult
    public func stop(within duration: Duration = Patience.usual) -> Ending? {
        send(SIGTERM)
        if let ended = waitForEnd(within: duration) { return ended }
        send(SIGKILL)
        return waitForEnd(within: Patience.usual)
    }

    private func reap(_ known: inout Ending?) -> Ending? {
        guard known == nil else { return known }
        var status: Int32 = 0
        guard unsafe waitpid(processID, &status, WNOHANG) == processID else { return nil }
        // The macros WIFEXITED and their kind, which Swift does not import.
        let signal = status & 0x7F
        known = signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
        return known
    }
}
