import Glibc

/// A thread of the operating system.
public enum Thread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a detached thread that runs `body` and ends.
    ///
    /// - Throws: the system has no thread left for this process or user; `body` does not run.
    public static func start(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
        var thread = pthread_t()
        let body = unsafe Unmanaged.passRetained(Body(body))
        let result = unsafe pthread_create(
            &thread,
            nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            },
            unsafe body.toOpaque()
        )
        guard result == 0 else {
            unsafe body.release()
            throw SystemError(call: "pthread_create", code: result)
        }
        pthread_detach(thread)
    }
}
