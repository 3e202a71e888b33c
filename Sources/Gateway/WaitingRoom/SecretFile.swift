/// A file that holds a secret which signs tickets.
enum SecretFile {
    private static let bytesLeast = 32

    static func bytes(of path: String) throws(FileProblem) -> [UInt8] {
        guard let text = TextFile.read(path) else {
            throw FileProblem(file: path, message: "cannot be read, or is larger than 1 MiB")
        }
        guard text.utf8.count >= bytesLeast else {
            throw FileProblem(file: path, message: "has to hold at least \(bytesLeast) bytes")
        }
        return Array(text.utf8)
    }
}
