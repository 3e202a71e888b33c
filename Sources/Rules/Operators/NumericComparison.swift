/// `@eq`, `@ge`, `@gt`, `@le`, `@lt`: compares numbers; text without digits counts as 0.
///
///     SecRule TX:INBOUND_SCORE "@ge %{tx.threshold}" "id:1,phase:2,deny"
final class NumericComparison: Operator {
    enum Relation: UInt8 {
        case equal, greaterOrEqual, greater, lessOrEqual, less

        @inline(__always)
        func holds(_ left: Int, _ right: Int) -> Bool {
            switch self {
            case .equal: left == right
            case .greaterOrEqual: left >= right
            case .greater: left > right
            case .lessOrEqual: left <= right
            case .less: left < right
            }
        }
    }

    let relation: Relation
    let parameter: Macro
    /// The number to compare with, if it holds no macro.
    let constant: Int?

    init(_ relation: Relation, _ parameter: Macro) {
        self.relation = relation
        self.parameter = parameter
        constant = parameter.constant?.leadingInteger
    }

    func matches(_ input: ByteView, _ evaluation: inout Evaluation) -> Bool {
        relation.holds(input.leadingInteger, operand(&evaluation))
    }

    @inline(__always)
    func operand(_ evaluation: inout Evaluation) -> Int {
        constant ?? evaluation.number(parameter)
    }
}
