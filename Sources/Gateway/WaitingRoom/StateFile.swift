import Glibc

/// Files that must survive the process: for the gateway's own user alone.
enum StateFile {
    /// Makes the directory if there is none.
    static func makeDirectory(_ directory: String) { _ = unsafe mkdir(directory, 0o700) }

    /// Opens a file for writing, and makes it if there is none; negative if that cannot be.
    ///
    /// While the process is still root a file of root's is given to the owner of its directory, as whom the
    /// gateway goes on. That owner may have put anything there in root's way: links are not followed, nor
    /// anything given away that has a name elsewhere.
    static func open(_ path: String, _ flags: Int32, in directory: String) -> Int32 {
        let file = unsafe Glibc.open(path, flags | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0, geteuid() == 0 else { return file }
        var own = stat()
        var owner = stat()
        guard unsafe fstat(file, &own) == 0, own.st_mode & S_IFMT == S_IFREG, own.st_nlink == 1,
            own.st_uid == 0, unsafe stat(directory, &owner) == 0
        else { return file }
        _ = fchown(file, owner.st_uid, owner.st_gid)
        return file
    }

    /// Waits until the names in a directory are on the disk: a file that was renamed may else be gone with the power.
    static func synchronize(_ directory: String) -> Bool {
        let file = unsafe Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        return fsync(file) == 0
    }

    /// Whether the process as it is now may make files there.
    static func isWritable(_ directory: String) -> Bool {
        unsafe access(directory, W_OK | X_OK) == 0
    }
}
