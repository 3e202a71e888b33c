import Glibc

/// The files that a rule set was made of, as they were when they were read: a reload that finds them as they were has
/// nothing to compile.
struct FilesRead: Sendable {
    /// What tells one state of a file from another.
    private struct Stamp: Equatable {
        let device: UInt
        let node: UInt
        let size: Int
        let modifiedAt: timespec
        let changedAt: timespec

        /// Nil if there is no such file.
        init?(_ path: String) {
            var status = stat()
            guard unsafe stat(path, &status) == 0 else { return nil }
            device = UInt(status.st_dev)
            node = UInt(status.st_ino)
            size = Int(status.st_size)
            modifiedAt = status.st_mtim
            changedAt = status.st_ctim
        }

        static func == (left: Stamp, right: Stamp) -> Bool {
            left.device == right.device && left.node == right.node && left.size == right.size
                && left.modifiedAt.tv_sec == right.modifiedAt.tv_sec
                && left.modifiedAt.tv_nsec == right.modifiedAt.tv_nsec
                && left.changedAt.tv_sec == right.changedAt.tv_sec
                && left.changedAt.tv_nsec == right.changedAt.tv_nsec
        }
    }

    /// A file that changed so lately may change again without a new time.
    private static let settlingSeconds = 2

    private var stamps: [String: Stamp] = [:]
    private var expansions: [String: [String]] = [:]
    /// Whether a later look at the files can tell that they have changed.
    private var isSettled = true

    /// Notes a file that is about to be read.
    mutating func note(_ path: String) {
        guard let stamp = Stamp(path) else {
            isSettled = false
            return
        }
        if time(nil) - stamp.changedAt.tv_sec < FilesRead.settlingSeconds { isSettled = false }
        if let known = stamps.updateValue(stamp, forKey: path), known != stamp { isSettled = false }
    }

    /// The files that a path with wildcards stands for, noted.
    mutating func expand(_ path: String) -> [String] {
        let files = RuleFiles.expand(path)
        expansions[path] = files
        return files
    }

    /// Whether all files are as they were, and the wildcards stand for the same.
    var areUnchanged: Bool {
        isSettled && stamps.allSatisfy { Stamp($0.key) == $0.value }
            && expansions.allSatisfy { RuleFiles.expand($0.key) == $0.value }
    }
}
