/// `@detectXSS`: the value could run script if it were put into a page, whatever its place there.
///
///     SecRule ARGS "@detectXSS" "id:1,phase:2,deny"
final class DetectXSS: Operator {
    func matches(_ input: ByteView, _ evaluation: inout Evaluation) -> Bool {
        // Without a bracket, an equals sign or a quote there is neither a tag nor an attribute.
        guard input.firstIndex(where: { $0 == 0x3C || $0 == 0x3D }) != nil else { return false }
        guard HTMLScanner.findsScript(in: input) else { return false }
        if evaluation.isCapturing {
            evaluation.clearCaptures()
            evaluation.setCapture(0, input)
        }
        return true
    }
}
