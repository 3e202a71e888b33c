import HTTP1Checks

/// Called by libFuzzer with each input; the first byte chooses the size of the pieces.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start = unsafe start, count > 0 else { return 0 }
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    do {
        try checkHTTP1(input, step: 1 + Int(input[0] % 17))
    } catch {
        preconditionFailure(error.message)
    }
    return 0
}
