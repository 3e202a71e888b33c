import Glibc

/// `t:md5`: the 16 bytes of the digest (RFC 1321). For comparing with known values, not for security.
///
///     SecRule ARGS:a "@streq d41d8cd98f00b204e9800998ecf8427e" "id:1,phase:2,deny,t:md5,t:hexEncode"
enum MD5 {
    private static let shifts: [UInt32] = [
        7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21,
    ]
    private static let constants: [UInt32] = (1...64).map {
        UInt32(abs(sin(Double($0))) * 4_294_967_296)
    }

    static func apply(_ input: ByteView, _ arena: Arena) -> ByteView? {
        var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476]
        let message = DigestMessage(input)
        for block in 0..<message.blockCount { compress(&state, message, block) }
        var output = arena.writer(capacity: 16)
        for word in state {
            for shift: UInt32 in [0, 8, 16, 24] {
                output.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return arena.finish(output)
    }

    private static func compress(_ state: inout [UInt32], _ message: DigestMessage, _ block: Int) {
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        for index in 0..<64 {
            let (mixed, position): (UInt32, Int) =
                switch index / 16 {
                case 0: ((b & c) | (~b & d), index)
                case 1: ((d & b) | (~d & c), (5 * index + 1) % 16)
                case 2: (b ^ c ^ d, (3 * index + 5) % 16)
                default: (c ^ (b | ~d), 7 * index % 16)
                }
            let sum =
                a &+ mixed &+ constants[index]
                &+ message.word(block * 16 + position, isBigEndian: false)
            (a, d, c, b) = (d, c, b, b &+ sum.rotatedLeft(shifts[index / 16 * 4 + index % 4]))
        }
        state[0] &+= a
        state[1] &+= b
        state[2] &+= c
        state[3] &+= d
    }
}
