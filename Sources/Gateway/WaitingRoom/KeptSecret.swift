import Glibc
import Transport

/// The secret that signs tickets where no file names one, kept beside the state of the rooms: readable by the gateway's
/// own user alone, and with the disk before the first ticket is signed with it.
///
/// A file that holds no such secret is set aside rather than replaced: somebody may be able to mend it.
struct KeptSecret {
    /// What there is.
    private enum Found {
        case nothing
        case damaged
        case secret([UInt8])
    }

    private let directory: String
    private let report: @Sendable (String, [String: String]) -> Void

    init(
        directory: String,
        report: @escaping @Sendable (String, [String: String]) -> Void = { _, _ in }
    ) {
        self.directory = directory
        self.report = report
    }

    /// The secret of the process before, else the one that is kept, else a new one; nil if it cannot be kept.
    func secret(inherited: [UInt8]?) -> [UInt8]? {
        switch read() {
        case .secret(let kept) where inherited == nil || inherited == kept: return kept
        case .damaged where !setAside(): return nil
        case .nothing, .damaged, .secret: break
        }
        let secret = inherited ?? Digest.randomBytes(Self.count)
        return write(secret) ? secret : nil
    }

    private static let count = 32
    private var path: String { directory + "/signing-secret" }

    private func read() -> Found {
        guard unsafe access(path, F_OK) == 0 else { return .nothing }
        guard let line = TextFile.read(path)?.split(separator: "\n").first,
            let secret = Base64URL.decode(Array(line.utf8)), secret.count == Self.count
        else { return .damaged }
        return .secret(secret)
    }

    /// Keeps a damaged file under another name; false if that cannot be.
    private func setAside() -> Bool {
        let other = path + ".damaged"
        guard unsafe rename(path, other) == 0 else { return false }
        report("the secret that signs tickets was damaged and is set aside", ["kept_as": other])
        return true
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
            && rename(temporary, path) == 0 && StateFile.synchronize(directory)
    }
}
