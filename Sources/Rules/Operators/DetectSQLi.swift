/// `@detectSQLi`: the value could change the structure of a statement it is put into; `capture` keeps in TX.0 what was
/// seen.
///
///     SecRule ARGS "@detectSQLi" "id:1,phase:2,deny,capture"
final class DetectSQLi: Operator {
    let required = RequiredContent(SQLScanner.needed.map { [$0] })

    func matches(_ input: ByteView, _ evaluation: inout Evaluation) -> Bool {
        let calm = evaluation.workspace.calmValues
        guard input.count > 2, !calm.contains(input, .line) else { return false }
        guard let fingerprint = SQLScanner.fingerprint(of: input) else {
            calm.keep(input, .line)
            return false
        }
        if evaluation.isCapturing {
            evaluation.clearCaptures()
            evaluation.setCapture(0, ByteView(fingerprint))
        }
        return true
    }
}
