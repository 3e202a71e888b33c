import Testing

@testable import Gateway

@Suite
struct KeyedHashTests {
    @Test func `The same key and seed give the same word`() {
        let hash = KeyedHash(seed0: 1, seed1: 2)
        let bytes: [UInt8] = Array("a client's session".utf8)
        let again: [UInt8] = Array("a client's session".utf8)
        #expect(hash.hash(domain: 5, bytes.span) == hash.hash(domain: 5, again.span))
        #expect(hash.hash(domain: 5, bytes.span) != hash.hash(domain: 6, bytes.span))
        #expect(
            KeyedHash(seed0: 1, seed1: 3).hash(domain: 5, bytes.span)
                != hash.hash(domain: 5, bytes.span)
        )
    }

    @Test func `Lengths and trailing zeros make different words`() {
        let hash = KeyedHash(seed0: 3, seed1: 4)
        let words = (0..<40).map { count in
            let bytes = [UInt8](repeating: 0, count: count)
            return hash.hash(domain: 0, bytes.span)
        }
        #expect(Set(words).count == words.count)
    }

    @Test func `Two words hash like their sixteen bytes`() {
        let hash = KeyedHash(seed0: 0x0706_0504_0302_0100, seed1: 0x0f0e_0d0c_0b0a_0908)
        let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
        #expect(hash.hash(9, 0x0807_0605_0403_0201) == hash.hash(domain: 9, bytes.span))
    }
}
