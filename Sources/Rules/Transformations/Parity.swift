/// `t:parityEven7bit`, `t:parityOdd7bit`, `t:parityZero7bit`: the eighth bit becomes the parity of the others, or zero.
///
///     SecRule ARGS "@contains select" "id:1,phase:2,deny,t:parityZero7bit"
enum Parity {
    case even, odd, zero

    static func apply(_ input: ByteView, _ arena: Arena, _ parity: Parity) -> ByteView? {
        var output = arena.writer(capacity: input.count)
        for index in 0..<input.count {
            let low = input[index] & 0x7F
            let isOdd = low.nonzeroBitCount % 2 == 1
            output.append(parity != .zero && isOdd == (parity == .even) ? low | 0x80 : low)
        }
        let result = arena.finish(output)
        return result.equals(input) ? nil : result
    }
}
