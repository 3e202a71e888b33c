import CLibFuzzer
import HTTP1Checks

/// `libfuzzer-http1 [options] CORPUS`, as libFuzzer documents; the first byte chooses the size of the pieces.
@main
struct Fuzz {
    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? =
            unsafe CommandLine.unsafeArgv
        let status = unsafe LLVMFuzzerRunDriver(&count, &arguments) { start, length in
            guard let start = unsafe start, length > 0 else { return 0 }
            let input = unsafe Array(UnsafeBufferPointer(start: start, count: length))
            do throws(Violation) {
                try checkHTTP1(input, step: 1 + Int(input[0] % 17))
            } catch {
                preconditionFailure(error.message)
            }
            return 0
        }
        if status != 0 { preconditionFailure("libFuzzer ended with \(status)") }
    }
}
