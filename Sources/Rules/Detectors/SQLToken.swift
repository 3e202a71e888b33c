/// A part of a value read as SQL, by what it can do in a statement.
enum SQLToken: UInt8 {
    case number, string, variable, word, function
    /// `union`, `intersect`, `except`, `minus`.
    case setOperation
    /// A word that begins a statement.
    case statement
    /// `and`, `or`, `xor`, `&&`, `||`.
    case logical
    /// Comparison, arithmetic, `like`, `in`, `between`, `is`.
    case comparison, arithmetic
    /// `order by`, `group by`, `having`, `limit`, `procedure`.
    case clause
    case from
    case comma, open, close, semicolon, comment

    var isValue: Bool {
        switch self {
        case .number, .string, .variable: true
        default: false
        }
    }
}
