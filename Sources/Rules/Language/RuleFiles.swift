import Glibc

/// Reads rule files and what they name, from the file system.
enum RuleFiles {
    private static let fileBytesLimit = 64 * 1_024 * 1_024

    /// The file's bytes, or nil with `errno` set if it cannot be read or is beyond 64 MiB.
    static func contents(_ path: String) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let length = unsafe buffer.withUnsafeMutableBytes {
                unsafe read(descriptor, $0.baseAddress, $0.count)
            }
            if length < 0 && errno == EINTR { continue }
            guard length >= 0, bytes.count <= fileBytesLimit else { return nil }
            if length == 0 { return bytes }
            bytes.append(contentsOf: buffer[0..<length])
        }
    }

    /// What the last failed call says, such as "No such file or directory".
    static var lastError: String {
        guard let text = unsafe strerror(errno) else { return "unknown error" }
        return unsafe String(cString: text)
    }

    /// The files a path with wildcards stands for, sorted; a path without wildcards stands for itself.
    static func expand(_ path: String) -> [String] {
        guard path.utf8.contains(where: { $0 == 0x2A || $0 == 0x3F || $0 == 0x5B }) else {
            return [path]
        }
        var found = unsafe glob_t()
        defer { unsafe globfree(&found) }
        guard unsafe glob(path, 0, nil, &found) == 0 else { return [] }
        return unsafe (0..<Int(clamping: found.gl_pathc)).compactMap { index in
            unsafe found.gl_pathv[index].map { unsafe String(cString: $0) }
        }
    }

    /// `path` as seen from the folder of `file`.
    static func resolve(_ path: String, beside file: SourceFile) -> String {
        path.hasPrefix("/") ? path : file.folder + path
    }
}
