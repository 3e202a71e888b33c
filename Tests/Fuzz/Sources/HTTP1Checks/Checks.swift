/// What must hold for any bytes whatever; the first thing that does not is thrown.
public struct Violation: Error {
    public let message: String

    public init(_ message: String) {
        self.message = message
    }
}

/// Runs every check over one input. `step` is the size of the pieces that the incremental runs are given.
public func checkHTTP1(_ input: [UInt8], step: Int) throws(Violation) {
    let step = max(1, step)
    try checkRequest(input, step: step)
    try checkResponse(input, step: step)
    try checkChunks(input, step: step)
    try checkValues(input)
}
