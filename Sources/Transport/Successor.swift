import CLinux
import Glibc

/// Another process of the same program that takes over the listening sockets.
public struct Successor: Sendable {
    public let processID: Int32
    private let readyDescriptor: Int32

    /// The program that runs, as it was when this was first asked: a newer one may stand at the path later.
    public static let program: String? = {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink("/proc/self/exe", &bytes, bytes.count - 1)
        guard count > 0 else { return nil }
        return String(decoding: bytes.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }()

    /// Starts the program at `path` with these arguments, the program's name first.
    ///
    /// - Parameter sockets: listening ones, and one end of a pair whose other end stays here; each is copied.
    public static func start(_ path: String, _ arguments: [String], sockets: [Int32])
        throws(SystemError) -> Successor
    {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { throw SystemError.last("pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var child: pid_t = 0
        var texts: [UnsafeMutablePointer<CChar>?] =
            unsafe arguments.map { unsafe strdup($0) } + [nil]
        let result = unsafe bmh_spawn_successor(
            path,
            &texts,
            sockets,
            Int32(clamping: sockets.count),
            ends[1],
            &child
        )
        for index in unsafe texts.indices { unsafe free(texts[index]) }
        Glibc.close(ends[1])
        guard result == 0 else {
            Glibc.close(ends[0])
            throw SystemError(call: "start \(path)", code: result)
        }
        return Successor(processID: child, readyDescriptor: ends[0])
    }

    /// Waits, on a thread that may wait, until the process says that it is ready; false if it ends before.
    public func waitUntilReady() -> Bool {
        defer { Glibc.close(readyDescriptor) }
        var byte: UInt8 = 0
        while true {
            let count = unsafe read(readyDescriptor, &byte, 1)
            if count == 1 { return true }
            if count < 0, errno == EINTR { continue }
            var status: Int32 = 0
            _ = unsafe waitpid(processID, &status, 0)
            return false
        }
    }
}
