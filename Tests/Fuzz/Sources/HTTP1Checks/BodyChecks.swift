import HTTP

/// What a chunked stream was decoded to.
struct DecodedBody: Equatable {
    var content: [UInt8] = []
    var consumed = 0
    var isFinished = false
    var error: BodyError?
    var trailers: [[UInt8]] = []
}

func checkChunks(_ input: [UInt8], step: Int) throws(Violation) {
    let whole = try decodeChunks(input, step: max(1, input.count))
    let parts = try decodeChunks(input, step: step)
    guard whole.error == parts.error, whole.isFinished == parts.isFinished else {
        throw Violation("chunks in parts of \(step): \(parts) / \(whole)")
    }
    // Where a faulty stream stops may differ by the piece the fault came in; what a sound one holds may not.
    guard whole.error != nil || whole == parts else {
        throw Violation("chunks in parts of \(step) differ")
    }
    guard whole.isFinished else { return }
    let buffer = OutputBuffer()
    HeldBytes(whole.content).withView { buffer.appendChunk($0) }
    buffer.appendLastChunk()
    let again = try decodeChunks(buffer.readable.bytes, step: step)
    guard again.isFinished, again.content == whole.content, again.consumed == buffer.count else {
        throw Violation("chunks encoded again differ")
    }
}

func decodeChunks(_ bytes: [UInt8], step: Int) throws(Violation) -> DecodedBody {
    var decoder = BodyDecoder(.chunked)
    var result = DecodedBody()
    var given = 0
    while given < bytes.count, !result.isFinished, result.error == nil {
        given = min(given + step, bytes.count)
        var isStuck = false
        while !isStuck, !result.isFinished, result.error == nil {
            let input = HeldBytes(bytes[result.consumed..<given])
            var decoded: BodyStep?
            do throws(BodyError) {
                decoded = try input.withView { view throws(BodyError) in
                    let decoded = try decoder.decode(view)
                    result.content += view[decoded.data].bytes
                    return decoded
                }
            } catch {
                result.error = error
            }
            guard let decoded else { break }
            guard decoded.consumed <= given - result.consumed,
                decoded.data.upperBound <= decoded.consumed
            else {
                throw Violation("a step consumed more than there is")
            }
            result.consumed += decoded.consumed
            result.isFinished = decoded.isFinished
            isStuck = decoded.consumed == 0 || result.consumed == given
        }
    }
    result.trailers =
        decoder.isFinished ? decoder.trailers.map { values($0, hopByHop: true) } ?? [] : []
    return result
}
