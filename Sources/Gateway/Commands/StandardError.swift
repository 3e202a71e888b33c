import Glibc

/// What people should read, apart from what programs read on standard output.
enum StandardError {
    /// Writes the text as it is.
    static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }
}
