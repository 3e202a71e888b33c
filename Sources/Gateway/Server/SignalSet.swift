import Glibc

/// A set of signals that one thread takes by waiting for them.
struct SignalSet {
    private var set = sigset_t()

    init(_ signals: [Int32]) {
        unsafe sigemptyset(&set)
        for signal in signals { unsafe sigaddset(&set, signal) }
    }

    /// Keeps the signals from interrupting this thread and those it starts from now on.
    func block() {
        var copy = set
        unsafe pthread_sigmask(SIG_BLOCK, &copy, nil)
    }

    /// Waits for one of them, at most so many seconds if there is a limit; 0 if none came.
    func wait(atMost seconds: Int? = nil) -> Int32 {
        var copy = set
        guard let seconds else {
            var signal: Int32 = 0
            return unsafe sigwait(&copy, &signal) == 0 ? signal : 0
        }
        var limit = timespec(tv_sec: seconds, tv_nsec: 0)
        return unsafe max(sigtimedwait(&copy, nil, &limit), 0)
    }
}
