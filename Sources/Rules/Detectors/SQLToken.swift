/// A part of a value read as SQL, by what it can do in a statement.
struct SQLToken {
    enum Kind: UInt8 {
        case number, string, variable, word, function
        /// `union`, `intersect`, `except`, `minus`.
        case setOperation
        /// A word that begins a statement.
        case statement
        /// `and`, `or`, `xor`, `&&`, `||`.
        case logical
        case comparison, arithmetic
        /// `not`, `binary` and what else may stand before a value.
        case unary
        /// `order by`, `group by`, `having`, `limit`, `procedure`.
        case clause
        /// `from`, `into`, `where`.
        case from
        case comma, open, close, semicolon, comment
    }

    /// What some rules want to know besides.
    enum Detail: UInt8 {
        case none
        case select, from, `where`, `if`, `case`, when, then, between, null, desc
        /// Two words of one clause with a comment between them.
        case split
        /// An operator of punctuation, not of letters.
        case symbol
        /// Comments by how they begin: `--`, `#`, `/*`.
        case dashes, hash, block
    }

    let kind: Kind
    var detail = Detail.none

    var isValue: Bool {
        switch kind {
        case .number, .string, .variable: true
        default: false
        }
    }

    /// Whether it may stand before an operand without changing what it is.
    var isPrefix: Bool {
        switch kind {
        case .open, .arithmetic, .unary: true
        default: false
        }
    }
}
