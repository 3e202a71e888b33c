/// `@detectSQLi`: the value could change the structure of a statement it is put into; `capture` keeps it in TX.0.
///
///     SecRule ARGS "@detectSQLi" "id:1,phase:2,deny,capture"
final class DetectSQLi: Operator {
    func matches(_ input: ByteView, _ evaluation: inout Evaluation) -> Bool {
        guard input.count > 2, SQLScanner.findsInjection(in: input) else { return false }
        if evaluation.isCapturing {
            evaluation.clearCaptures()
            evaluation.setCapture(0, input)
        }
        return true
    }
}
