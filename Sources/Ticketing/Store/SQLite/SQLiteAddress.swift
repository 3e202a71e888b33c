/// Where an SQLite file is: a plain path, or `sqlite:///path?wait=5`.
struct SQLiteAddress: Sendable, Equatable {
    /// What is wrong with an address.
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    var path: String
    /// How long a write waits for another process, in seconds: who waited longer is told to come again. 1 to 3,600.
    var waitSeconds = 5

    init(path: String) { self.path = path }

    /// Reads an address. In a plain path every character is the path's.
    init(url: String) throws(Problem) {
        path = url
        guard url.hasPrefix("sqlite://") else { return }
        let parts = url.dropFirst(9).split(
            separator: "?",
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        path = String(parts[0])
        guard parts.count == 2 else { return }
        guard parts[1].hasPrefix("wait="), let seconds = Int(parts[1].dropFirst(5)),
            (1...3_600).contains(seconds)
        else { throw Problem(description: "database: wait is no number from 1 to 3600") }
        waitSeconds = seconds
    }
}
