import Glibc

/// The files that a rule set was made of, as they were when they were read: a reload that finds them as they were has
/// nothing to compile.
struct FilesRead: Sendable {
    /// What tells one state of a file from another.
    private struct Stamp: Equatable {
        let device: UInt
        let node: UInt
        let size: Int
        let modifiedSeconds: Int
        let modifiedNanoseconds: Int
        let changedSeconds: Int
        let changedNanoseconds: Int

        /// Nil if there is no such file.
        init?(_ path: String) {
            var status = stat()
            guard unsafe stat(path, &status) == 0 else { return nil }
            device = UInt(status.st_dev)
            node = UInt(status.st_ino)
            size = Int(status.st_size)
            modifiedSeconds = status.st_mtim.tv_sec
            modifiedNanoseconds = status.st_mtim.tv_nsec
            changedSeconds = status.st_ctim.tv_sec
            changedNanoseconds = status.st_ctim.tv_nsec
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
        if time(nil) - stamp.changedSeconds < FilesRead.settlingSeconds { isSettled = false }
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
