import Foundation

/// Looks whether files can be kept where somebody was told to keep them, and changes nothing.
enum StateFolder {
    /// Why no file can be made in a folder; nil if one can.
    static func obstacle(to folder: String) -> String? {
        reason(why: folder, isRefused: W_OK | X_OK)
    }

    /// The same for a folder that is made when it is needed: then in the nearest one above it that is there.
    static func obstacle(toMaking folder: String) -> String? {
        var path = URL(filePath: folder).standardizedFileURL
        while path.path != "/", !FileManager.default.fileExists(atPath: path.path) {
            path = path.deletingLastPathComponent()
        }
        return obstacle(to: path.path)
    }

    /// Why a file cannot be written, or made if it is not there; nil if it can.
    static func obstacle(toFile path: String) -> String? {
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "."
        if let obstacle = obstacle(to: String(folder)) { return obstacle }
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        return reason(why: path, isRefused: R_OK | W_OK)
    }

    private static func reason(why path: String, isRefused mode: Int32) -> String? {
        guard unsafe access(path, mode) != 0 else { return nil }
        return unsafe String(cString: strerror(errno))
    }
}
