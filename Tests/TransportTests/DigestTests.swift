import Testing

@testable import Transport

@Suite struct DigestTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `SHA-256 gives the values of FIPS 180`(_ message: String, _ hash: String) {
        #expect(hexadecimal(Digest.sha256(Array(message.utf8))) == hash)
    }

    @Test func `HMAC gives the values of RFC 4231`() {
        let first = HMACKey([UInt8](repeating: 0x0B, count: 20)).authenticate(
            Array("Hi There".utf8)
        )
        #expect(
            hexadecimal(first) == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        )
        let second = HMACKey(Array("Jefe".utf8)).authenticate(
            Array("what do ya want for nothing?".utf8)
        )
        #expect(
            hexadecimal(second)
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        )
        let long = HMACKey([UInt8](repeating: 0xAA, count: 131))
            .authenticate(Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8))
        #expect(
            hexadecimal(long) == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        )
    }

    @Test func `A code may be shortened to its first half, and not further`() {
        let key = HMACKey(Array("key".utf8))
        let (message, other) = (Array("message".utf8), Array("massage".utf8))
        let code = key.authenticate(message)
        for count in 0...32 {
            let short = Array(code.prefix(count))
            let isCode = key.isCode(short.span, of: message.span)
            #expect(isCode == (count >= 16))
            let isOther = key.isCode(short.span, of: other.span)
            #expect(!isOther)
        }
        for index in code.indices {
            var changed = code
            changed[index] ^= 1
            let isCode = key.isCode(changed.span, of: message.span)
            #expect(!isCode)
        }
        let long = code + [0]
        let isCode = key.isCode(long.span, of: message.span)
        #expect(!isCode)
    }

    /// Test case 3 of RFC 5869, the one without salt.
    @Test func `HKDF gives the value of RFC 5869`() {
        let output = Digest.hkdf(secret: [UInt8](repeating: 0x0B, count: 22), info: [], count: 42)
        #expect(
            hexadecimal(output)
                == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
        )
    }

    @Test(arguments: [0, 1, 31, 32, 33, 64, 8160])
    func `HKDF gives as many bytes as asked for, the shorter ones the beginning of the longer`(
        _ count: Int
    ) {
        let long = Digest.hkdf(secret: [1, 2, 3], info: [4], count: 8160)
        let output = Digest.hkdf(secret: [1, 2, 3], info: [4], count: count)
        #expect(output.count == count)
        #expect(output == [UInt8](long.prefix(count)))
    }

    @Test func `Keys for different purposes differ`() {
        let one = Digest.hkdf(secret: [1, 2, 3], info: Array("a".utf8), count: 32)
        let other = Digest.hkdf(secret: [1, 2, 3], info: Array("b".utf8), count: 32)
        #expect(one != other)
    }

    @Test(
        arguments: [
            ([], [], true), ([1], [1], true), ([1], [2], false), ([1], [1, 2], false),
            ([], [0], false),
        ] as [([UInt8], [UInt8], Bool)]
    )
    func `Comparison looks at length and every byte`(
        _ left: [UInt8],
        _ right: [UInt8],
        _ expected: Bool
    ) {
        #expect(Digest.isEqual(left, right) == expected)
    }

    @Test func `Random bytes come in the number asked for and do not repeat`() {
        #expect(Digest.randomBytes(0).isEmpty)
        #expect(Digest.randomBytes(33).count == 33)
        #expect(Digest.randomBytes(32) != Digest.randomBytes(32))
    }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

func bytes(hexadecimal text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map {
        UInt8(digits[$0] * 16 + digits[$0 + 1])
    }
}
