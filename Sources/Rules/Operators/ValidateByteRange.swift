/// `@validateByteRange`: some byte of the value is outside the ranges.
///
///     SecRule ARGS "@validateByteRange 32-126,9,10,13" "id:1,phase:2,deny"
final class ValidateByteRange: Operator {
    private let isAllowed: [Bool]
    /// Every byte outside is one.
    let required: RequiredContent?

    init(_ list: [UInt8]) throws(ParameterError) {
        var isAllowed = [Bool](repeating: false, count: 256)
        var offset = 0
        for part in list.split(separator: 0x2C, omittingEmptySubsequences: false)
        where !list.isEmpty {
            let ends = part.split(separator: 0x2D, omittingEmptySubsequences: false).map { end in
                UInt8(String(decoding: end.filter { !$0.isWhitespace }, as: UTF8.self))
            }
            guard let first = ends.first, let lower = first, let last = ends.last, let upper = last,
                lower <= upper,
                ends.count <= 2
            else {
                let shown = String(decoding: part, as: UTF8.self)
                throw ParameterError(message: "`\(shown)` is not a range of bytes", offset: offset)
            }
            for byte in lower...upper { isAllowed[Int(byte)] = true }
            offset += part.count + 1
        }
        self.isAllowed = isAllowed
        required = RequiredContent(
            (0...255 as ClosedRange<UInt8>).filter { !isAllowed[Int($0)] }.map { [$0] }
        )
    }

    func matches(_ input: ByteView, _ evaluation: inout Evaluation) -> Bool {
        input.firstIndex { !isAllowed[Int($0)] } != nil
    }
}
