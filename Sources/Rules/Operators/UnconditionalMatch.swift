/// `@unconditionalMatch`: always, once for each value.
///
///     SecRule REMOTE_ADDR "@unconditionalMatch" "id:1,phase:1,pass"
final class UnconditionalMatch: Operator {
    func matches(_ input: ByteView, _ evaluation: inout Evaluation) -> Bool { true }
}
