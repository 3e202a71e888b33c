/// `t:sha1`: the 20 bytes of the digest (RFC 3174). For comparing with known values, not for security.
///
///     SecRule ARGS:a "@streq da39a3ee5e6b4b0d3255bfef95601890afd80709" "id:1,phase:2,deny,t:sha1,t:hexEncode"
enum SHA1 {
    static func apply(_ input: ByteView, _ arena: Arena) -> ByteView? {
        var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
        var words = [UInt32](repeating: 0, count: 80)
        let message = DigestMessage(input)
        for block in 0..<message.blockCount {
            for index in 0..<16 {
                words[index] = message.word(block * 16 + index, isBigEndian: true)
            }
            compress(&state, &words)
        }
        var output = arena.writer(capacity: 20)
        for word in state {
            for shift: UInt32 in [24, 16, 8, 0] {
                output.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return arena.finish(output)
    }

    private static func compress(_ state: inout [UInt32], _ words: inout [UInt32]) {
        for index in 16..<80 {
            words[index] =
                (words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16])
                .rotatedLeft(1)
        }
        var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
        for index in 0..<80 {
            let (mixed, constant): (UInt32, UInt32) =
                switch index {
                case 0..<20: ((b & c) | (~b & d), 0x5A82_7999)
                case 20..<40: (b ^ c ^ d, 0x6ED9_EBA1)
                case 40..<60: ((b & c) | (b & d) | (c & d), 0x8F1B_BCDC)
                default: (b ^ c ^ d, 0xCA62_C1D6)
                }
            let next = a.rotatedLeft(5) &+ mixed &+ e &+ constant &+ words[index]
            (e, d, c, b, a) = (d, c, b.rotatedLeft(30), a, next)
        }
        state[0] &+= a
        state[1] &+= b
        state[2] &+= c
        state[3] &+= d
        state[4] &+= e
    }
}

extension UInt32 {
    func rotatedLeft(_ distance: UInt32) -> UInt32 { self << distance | self >> (32 - distance) }
}
