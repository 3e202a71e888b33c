import Glibc

/// A counting semaphore, for threads that are not reactors.
@safe public final class Semaphore: Sendable {
    /// Owned; `sem_t` has to stay where it was initialised, and is made for several threads.
    nonisolated(unsafe) private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    /// A semaphore at zero.
    public init() {
        unsafe sem_init(semaphore, 0, 0)
    }

    deinit {
        unsafe sem_destroy(semaphore)
        unsafe semaphore.deallocate()
    }

    /// Lets one waiter go on.
    public func signal() { _ = unsafe sem_post(semaphore) }

    /// Blocks the calling thread until `signal`.
    public func wait() {
        while unsafe sem_wait(semaphore) != 0, errno == EINTR {}
    }
}
