/// `@detectXSS`: the value could run script if it were put into a page, whatever its place there.
///
///     SecRule ARGS "@detectXSS" "id:1,phase:2,deny"
final class DetectXSS: Operator {
    let required = RequiredContent(HTMLScanner.needed.map { [$0] })

    func matches(_ input: ByteView, _ evaluation: inout Evaluation) -> Bool {
        let calm = evaluation.workspace.calmValues
        guard !calm.contains(input, .path) else { return false }
        guard HTMLScanner.findsScript(in: input) else {
            calm.keep(input, .path)
            return false
        }
        if evaluation.isCapturing {
            evaluation.clearCaptures()
            evaluation.setCapture(0, input)
        }
        return true
    }
}
