import FuzzSupport

/// Makes runs of frames that are mostly right, and wrong in one place or another.
struct FrameMaker {
    /// Fields of requests by the static table or as literals, good ones and others.
    static let fields: [[UInt8]] =
        [
            [0x82], [0x83], [0x86], [0x87], [0x84], [0x85], [0x88], [0xBE], [0xFF, 0x00], [0x20],
            [0x3F, 0xE1, 0x1F],
        ]
        + [
            (":authority", "a"), (":path", "/a/../b?c=%2e"), (":path", "*"), (":path", "x"),
            (":method", "POST"), (":method", "CONNECT"), (":protocol", "websocket"),
            (":scheme", "https"), ("host", "a"), ("host", "b"), ("cookie", "a=b"),
            ("content-length", "5"), ("content-length", "0"), ("te", "trailers"), ("te", "gzip"),
            ("connection", "close"), ("X", "y"), ("x", "a\r\nb"), ("x", " a"),
            ("priority", "u=1, i"),
            ("expect", "100-continue"), ("transfer-encoding", "chunked"),
            ("x-long", String(repeating: "l", count: 300)),
        ].map { name, value in
            [0x40] + text(name) + text(value)
        }

    static func text(_ text: String) -> [UInt8] {
        let count = text.utf8.count
        let length =
            count < 127
            ? [UInt8(count)] : [127, UInt8((count - 127) & 127 | 128), UInt8((count - 127) >> 7)]
        return length + Array(text.utf8)
    }

    func frames(_ random: inout SplitMix) -> [UInt8] {
        var bytes: [UInt8] = []
        var stream = 1
        for _ in 0..<1 + random.below(30) {
            if random.below(3) == 0 { stream += 2 }
            bytes += frame(stream, &random)
        }
        for _ in 0..<random.below(3) where !bytes.isEmpty {
            bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
        }
        return bytes
    }

    private func frame(_ stream: Int, _ random: inout SplitMix) -> [UInt8] {
        let kinds: [UInt8] = [1, 1, 1, 0, 0, 0, 9, 3, 8, 6, 4, 2, 7, 5, 16, 10]
        let kind = kinds[random.below(kinds.count)]
        var flags: UInt8 = [0x5, 0x4, 0x1, 0x0, 0xD, 0x25][random.below(6)]
        if random.below(20) == 0 { flags = UInt8(random.below(256)) }
        let onConnection = [4, 6, 7].contains(Int(kind))
        var id = onConnection ? 0 : random.below(8) == 0 ? 1 + random.below(12) : stream
        if random.below(40) == 0 { id = random.below(300) }
        let payload = payload(kind, flags, &random)
        let count = payload.count
        return [UInt8(count >> 16), UInt8(count >> 8 & 255), UInt8(count & 255), kind, flags]
            + [0, 0, UInt8(id >> 8 & 255), UInt8(id & 255)] + payload
    }

    private func payload(_ kind: UInt8, _ flags: UInt8, _ random: inout SplitMix) -> [UInt8] {
        switch kind {
        case 1, 9:
            var block: [UInt8] = random.below(4) > 0 ? [0x82, 0x87, 0x84, 0x41, 1, 0x61] : []
            for _ in 0..<random.below(6) { block += Self.fields[random.below(Self.fields.count)] }
            if flags & 0x20 != 0, kind == 1 { block = [0, 0, 0, 0, 7] + block }
            if flags & 0x8 != 0, kind == 1 { block = [2] + block + [0, 0] }
            return block
        case 0: return [UInt8](repeating: 0x61, count: [0, 1, 5, 100, 16_384][random.below(5)])
        case 4:
            return random.below(4) == 0
                ? [] : [0, UInt8(random.below(10)), 0, 0, UInt8(random.below(256)), 1]
        case 2: return [0, 0, 0, UInt8(random.below(9)), 1]
        case 6, 7: return [UInt8](repeating: 0, count: 8)
        case 3, 8: return [0, UInt8(random.below(8) == 0 ? 127 : 0), 1, UInt8(random.below(256))]
        default: return (0..<random.below(20)).map { _ in UInt8(random.below(256)) }
        }
    }
}
