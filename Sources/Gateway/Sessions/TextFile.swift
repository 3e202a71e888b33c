import Glibc

/// Small files that are read whole: keys, secrets.
enum TextFile {
    private static let limitBytes = 1 << 20

    /// The text of the file; nil if it cannot be read or is larger than `limitBytes`.
    static func read(_ path: String, limitBytes: Int = limitBytes) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65536)
        while bytes.count <= limitBytes {
            let count = unsafe Glibc.read(descriptor, &block, block.count)
            guard count >= 0 else { return nil }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += block[..<count]
        }
        return nil
    }
}

extension TextFile {
    /// Whether there is something of this name, readable or not.
    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 || errno == EACCES }

    /// Writes a new file; false if there is one already, or it cannot be written.
    static func create(_ path: String, _ text: String) -> Bool {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        return unsafe write(descriptor, bytes, bytes.count) == bytes.count
    }
}
