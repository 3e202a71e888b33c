import Glibc
import Transport

/// The secret that signs tickets where no file names one, kept beside the state of the rooms: readable by the gateway's
/// own user alone, and with the disk before the first ticket is signed with it.
struct KeptSecret {
    private let directory: String

    init(directory: String) { self.directory = directory }

    /// The secret of the process before, else the one that is kept, else a new one; nil if it cannot be kept.
    func secret(inherited: [UInt8]?) -> [UInt8]? {
        let kept = read()
        if let kept, inherited == nil || inherited == kept { return kept }
        let secret = inherited ?? Digest.randomBytes(Self.count)
        return write(secret) ? secret : nil
    }

    private static let count = 32
    private var path: String { directory + "/signing-secret" }

    private func read() -> [UInt8]? {
        guard let line = TextFile.read(path)?.split(separator: "\n").first,
            let secret = Base64URL.decode(Array(line.utf8)), secret.count == Self.count
        else { return nil }
        return secret
    }

    private func write(_ secret: [UInt8]) -> Bool {
        StateFile.makeDirectory(directory)
        let temporary = path + ".new"
        _ = unsafe unlink(temporary)
        let file = StateFile.open(temporary, O_EXCL | O_WRONLY, in: directory)
        guard file >= 0 else { return false }
        defer { close(file) }
        let bytes = Array((Base64URL.encode(secret) + "\n").utf8)
        return unsafe Glibc.write(file, bytes, bytes.count) == bytes.count && fsync(file) == 0
            && rename(temporary, path) == 0
    }
}
