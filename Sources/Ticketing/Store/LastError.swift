/// Why something did not work the last time, as the columns `last_error` keep it.
enum LastError {
    /// Columns count code points, of which one character may have any number.
    static let limit = 250

    /// What is kept of an error.
    static func text(_ error: any Error) -> String {
        String(String.UnicodeScalarView("\(error)".unicodeScalars.prefix(limit)))
    }
}
