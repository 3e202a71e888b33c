/// The columns that a kind of row is read from, in order: written once, and counted for whoever reads more behind them.
struct SQLColumns: Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    private let names: [String]
    /// The columns as a query lists them.
    let description: String

    /// Names with commas between them, on any number of lines.
    init(stringLiteral text: String) {
        names = text.split { $0 == "," || $0.isWhitespace }.map(String.init)
        description = names.joined(separator: ", ")
    }

    /// How many there are.
    var count: Int { names.count }

    /// The same of one table among several.
    func of(_ table: String) -> String { names.map { "\(table).\($0)" }.joined(separator: ", ") }
}
