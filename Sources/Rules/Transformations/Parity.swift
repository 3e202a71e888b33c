/// `t:parityEven7bit`, `t:parityOdd7bit`, `t:parityZero7bit`: the eighth bit makes the parity of all eight even or
/// odd where it would not be, and is cleared where it would; or it is zero.
///
///     SecRule ARGS "@contains select" "id:1,phase:2,deny,t:parityZero7bit"
enum Parity {
    case even, odd, zero

    static func apply(_ input: ByteView, _ arena: Arena, _ parity: Parity) -> ByteView? {
        var output = arena.writer(capacity: input.count)
        for index in 0..<input.count {
            let byte = input[index]
            let isOdd = byte.nonzeroBitCount % 2 == 1
            let isMarked = parity != .zero && isOdd == (parity == .even)
            output.append(isMarked ? byte | 0x80 : byte & 0x7F)
        }
        let result = arena.finish(output)
        return result.equals(input) ? nil : result
    }
}
