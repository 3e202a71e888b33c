/// The syntax tree of a regular expression, for what can be learned from it: the literals a match holds, and an
/// automaton that searches in linear time.
indirect enum RegexSyntax {
    /// A condition on the place between two bytes.
    enum Assertion {
        case start, end, wordBoundary, insideWord
        /// A look-around, or one that is not understood.
        case other
    }

    /// One byte of a set.
    case bytes(ByteMask)
    case sequence([RegexSyntax])
    case alternatives([RegexSyntax])
    /// At least `minimum` times, at most `maximum`; nil for any number.
    case repeated(RegexSyntax, minimum: Int, maximum: Int?)
    case assertion(Assertion)
    /// Something of any length, such as a back-reference.
    case anything

    /// The tree of an expression, and whether it says exactly what matches; nil for syntax that is not understood.
    static func parse(_ expression: [UInt8]) -> (tree: RegexSyntax, isExact: Bool)? {
        var parser = RegexParser(expression)
        guard let tree = parser.alternatives(depth: 0), parser.isAtEnd else { return nil }
        return (tree, parser.isExact)
    }
}
