@testable import Transport

extension ByteStream {
    private var patience: Instant { reactor.now.advanced(by: .seconds(60)) }

    func send(_ bytes: [UInt8]) async throws(StreamError) {
        let block = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(1, bytes.count),
            alignment: 1
        )
        defer { unsafe block.deallocate() }
        unsafe block.copyBytes(from: bytes)
        try await unsafe write(
            UnsafeRawBufferPointer(rebasing: block[..<bytes.count]),
            until: patience
        )
    }

    func send(_ text: String) async throws(StreamError) { try await send(Array(text.utf8)) }

    /// What one read brings; empty at the end of the stream.
    func receive(upTo limit: Int = 16384, until deadline: Instant? = nil) async throws(StreamError)
        -> [UInt8]
    {
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: limit, alignment: 1)
        defer { unsafe block.deallocate() }
        let count = try await unsafe read(into: block, until: deadline ?? patience)
        return unsafe [UInt8](block[..<count])
    }

    /// What has come already; nothing if nothing has, or the stream has ended.
    func receiveNow(upTo limit: Int = 16384) -> [UInt8] {
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: limit, alignment: 1)
        defer { unsafe block.deallocate() }
        guard let count = try? unsafe readNow(into: block) else { return [] }
        return unsafe [UInt8](block[..<count])
    }

    func receiveToEnd(pieces limit: Int = 16384) async throws(StreamError) -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let piece = try await receive(upTo: limit)
            if piece.isEmpty { return all }
            all += piece
        }
    }

    func receiveText(count: Int) async throws(StreamError) -> String {
        var all: [UInt8] = []
        while all.count < count {
            let piece = try await receive(upTo: count - all.count)
            if piece.isEmpty { break }
            all += piece
        }
        return String(decoding: all, as: UTF8.self)
    }
}

/// Both ends of one connection over the loopback, on one reactor.
struct StreamPair {
    let client: ByteStream
    let server: ByteStream
    let peer: SocketAddress

    struct NoConnection: Error {}

    init(_ address: String = "127.0.0.1:0", on reactor: Reactor) async throws {
        guard let address = SocketAddress(address) else { throw NoConnection() }
        let listener = try ListeningSocket(address, on: reactor)
        defer { listener.close() }
        client = try await .connect(
            to: listener.address,
            on: reactor,
            until: reactor.now.advanced(by: .seconds(30))
        )
        guard let (server, peer) = try await listener.accept() else { throw NoConnection() }
        self.server = server
        self.peer = peer
    }
}

/// Bytes that are different at every place within reach, so that a piece lost or doubled shows.
func patternedBytes(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8 ^ $0 >> 16) }
}
