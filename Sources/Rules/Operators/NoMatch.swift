/// `@noMatch`: never.
///
///     SecRule ARGS "@noMatch" "id:1,phase:2,pass"
final class NoMatch: Operator {
    func matches(_ input: ByteView, _ evaluation: inout Evaluation) -> Bool { false }
}
