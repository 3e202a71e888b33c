import Glibc

/// Whole files, for tools that read once and end.
enum FileContents {
    /// The file's bytes; nil if it cannot be read. `-` is standard input.
    static func read(_ path: String) -> [UInt8]? {
        let descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let length = unsafe Glibc.read(descriptor, &chunk, chunk.count)
            if length < 0, errno == EINTR { continue }
            guard length >= 0 else { return nil }
            if length == 0 { return bytes }
            bytes += chunk[0..<length]
        }
    }

    /// Replaces the file as a whole: readers see the old bytes or the new ones. False if that fails.
    static func replace(_ path: String, with bytes: [UInt8]) -> Bool {
        let temporary = "\(path).\(getpid()).new"
        var status = stat()
        let mode = unsafe stat(path, &status) == 0 ? status.st_mode & 0o777 : 0o644
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { return false }
        var start = 0
        while start < bytes.count {
            let written = unsafe bytes[start...].withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if written < 0, errno == EINTR { continue }
            if written <= 0 { break }
            start += written
        }
        let isWhole = start == bytes.count && fsync(descriptor) == 0
        close(descriptor)
        guard isWhole, unsafe rename(temporary, path) == 0 else {
            _ = unsafe unlink(temporary)
            return false
        }
        return true
    }
}

/// Names of files below a folder.
enum FolderListing {
    private static let depthLimit = 16

    /// Paths relative to the folder, sorted.
    static func files(under folder: String, where isWanted: (String) -> Bool) -> [String] {
        files(folder, prefix: "", depth: 0).filter(isWanted).sorted()
    }

    private static func files(_ folder: String, prefix: String, depth: Int) -> [String] {
        guard depth < depthLimit, let directory = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(directory) }
        var found: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name.hasPrefix(".") { continue }
            let path = "\(folder)/\(name)"
            if RulePaths.isFolder(path) {
                found += files(path, prefix: "\(prefix)\(name)/", depth: depth + 1)
            } else {
                found.append(prefix + name)
            }
        }
        return found
    }
}

/// The clock that never goes back, for measuring.
enum MonotonicClock {
    static var nanoseconds: UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(clamping: time.tv_sec) &* 1_000_000_000 &+ UInt64(clamping: time.tv_nsec)
    }

    static var unixSeconds: Int { Glibc.time(nil) }

    /// Gives others a millisecond.
    static func pause() { usleep(1_000) }
}
