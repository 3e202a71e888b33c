import Glibc

/// Small files that are read whole: keys, secrets.
enum TextFile {
    private static let limitBytes = 1 << 20

    /// The text of the file; nil if it cannot be read or is larger than 1 MiB.
    static func read(_ path: String) -> String? {
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
