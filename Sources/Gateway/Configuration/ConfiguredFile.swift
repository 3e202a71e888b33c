import Glibc
import Locations
import Transport

/// A file by what it is read as. Loading and checking ask here, so that a start refuses nothing that a check passed.
enum ConfiguredFile: Sendable {
    case signingSecret(String)
    case assertionKey(String)
    case locations(String)
    /// A directory with words of the waiting page.
    case pages(String)
    /// A log, which need not exist yet.
    case log(String)

    /// Everything that loading the file finds.
    var problems: [FileProblem] {
        switch self {
        case .signingSecret(let path): Self.problems(SecretFile.bytes(of:), of: path)
        case .assertionKey(let path): Self.problems(SessionPolicy.key(of:), of: path)
        case .locations(let path): Self.problems(Self.database(at:), of: path)
        case .pages(let directory): WaitingPages.load(directory).problems
        case .log(let path):
            Self.isWritable(path)
                ? [] : [FileProblem(file: path, message: "cannot be opened for writing")]
        }
    }

    static func database(at path: String) throws(FileProblem) -> LocationDatabase {
        do throws(LocationDatabaseError) {
            return try LocationDatabase(path: path)
        } catch {
            throw FileProblem(file: path, message: error.reason)
        }
    }

    /// What loading the file at the path throws.
    private static func problems<Content>(
        _ load: (String) throws(FileProblem) -> Content,
        of path: String
    ) -> [FileProblem] {
        do throws(FileProblem) {
            _ = try load(path)
            return []
        } catch {
            return [error]
        }
    }

    /// Whether it could be appended to, or made in its directory.
    private static func isWritable(_ path: String) -> Bool {
        var status = stat()
        if unsafe stat(path, &status) == 0 {
            let isFile = status.st_mode & S_IFMT != S_IFDIR
            return unsafe access(path, W_OK) == 0 && isFile
        }
        let slash = path.lastIndex(of: "/")
        let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        return unsafe access(directory, W_OK | X_OK) == 0
    }
}
