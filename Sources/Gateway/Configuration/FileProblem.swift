/// What is wrong with the content of a file that a configuration names.
struct FileProblem: Error, Equatable, CustomStringConvertible {
    var file: String
    /// Line, from 1; nil for the whole file.
    var line: Int?
    var message: String

    var description: String { "\(file)\(line.map { ":\($0)" } ?? ""): \(message)" }
}
