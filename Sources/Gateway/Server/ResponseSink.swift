import HTTP
import Transport

/// Where one response goes: onto a connection of HTTP/1, or into a stream of an HTTP/2 connection.
///
/// Heads are composed as text in the form of HTTP/1.1 whatever the version; a sink that speaks another translates.
protocol ResponseSink: AnyObject {
    /// Sends what leaves without waiting, if heads and content are the same to the sink, and returns how
    /// many bytes that was. `send` takes the rest.
    func sendNow(_ bytes: ByteView) throws(StreamError) -> Int

    /// Lets bytes of content leave while their owner waits for more, until `withdraw` is called.
    func offer(_ bytes: ByteView)

    /// Makes the bytes offered their owner's again, and returns how many of them have left.
    func withdraw(_ bytes: ByteView) -> Int

    /// Sends the next bytes of the response, which stay in place until the call returns.
    ///
    /// - Parameters:
    ///   - headBytes: how many of the bytes, from the first, are the head; 0 once it has been sent.
    ///   - isLast: whether the response ends with them.
    ///   - trailers: the fields behind the content, with the last bytes.
    func send(
        _ bytes: ByteView,
        headBytes: Int,
        isLast: Bool,
        trailers: FieldSection?,
        until deadline: Instant
    ) async throws(StreamError)

    /// Tells the peer that nothing more will come.
    func end(until deadline: Instant) async throws(StreamError)
}

extension ByteStream: ResponseSink {
    func sendNow(_ bytes: ByteView) throws(StreamError) -> Int { try writeNow(bytes) }

    /// What the kernel takes has left with `sendNow`.
    func offer(_ bytes: ByteView) {}
    func withdraw(_ bytes: ByteView) -> Int { 0 }

    func send(
        _ bytes: ByteView,
        headBytes: Int,
        isLast: Bool,
        trailers: FieldSection?,
        until deadline: Instant
    ) async throws(StreamError) {
        try await write(bytes, until: deadline)
    }

    func end(until deadline: Instant) async throws(StreamError) { finishSending() }
}
