import CZlib

/// Undoes the content codings gzip and deflate (RFC 9110, 8.4.1) of a request body, so that rules see what the
/// application will see.
enum Decompressor {
    enum Coding { case gzip, deflate }

    enum Outcome: Equatable {
        case complete
        /// The input ends before the compressed data does.
        case cut
        case corrupt
        /// More than the limit came out: what fits is kept.
        case tooLarge
        /// The coding is none of those, or one upon another.
        case unknown
    }

    private static let chunkBytes = 16_384
    /// Window sizes as zlib counts them: detected from the header of gzip or zlib, or raw.
    private static let detectedWindow: Int32 = 15 + 32
    private static let rawWindow: Int32 = -15

    /// The coding that a Content-Encoding names; nil if it is another one, or more than one.
    static func coding(_ field: ByteView) -> Coding? {
        let name = field.trimming(\.isWhitespace)
        if name.equalsFolded("gzip") || name.equalsFolded("x-gzip") { return .gzip }
        return name.equalsFolded("deflate") ? .deflate : nil
    }

    /// Whether a Content-Encoding says that there is none.
    static func isIdentity(_ field: ByteView) -> Bool {
        let name = field.trimming(\.isWhitespace)
        return name.isEmpty || name.equalsFolded("identity")
    }

    /// Appends what `input` decompresses to, at most `limitBytes` of it.
    static func decompress(
        _ input: ByteView,
        _ coding: Coding,
        limitBytes: Int,
        into output: ByteBuffer
    ) -> Outcome {
        let outcome = run(input, detectedWindow, limitBytes, output)
        // Some clients send deflate without the header that the standard asks for.
        guard outcome == .corrupt, coding == .deflate, output.count == 0 else { return outcome }
        return run(input, rawWindow, limitBytes, output)
    }

    private static func run(
        _ input: ByteView,
        _ window: Int32,
        _ limitBytes: Int,
        _ output: ByteBuffer
    ) -> Outcome {
        var stream = unsafe z_stream()
        unsafe stream.next_in = UnsafeMutablePointer(mutating: input.address)
        unsafe stream.avail_in = UInt32(clamping: input.count)
        guard unsafe czlib_inflate_init(&stream, window) == Z_OK else { return .corrupt }
        defer { unsafe inflateEnd(&stream) }
        var chunk = [UInt8](repeating: 0, count: chunkBytes)
        while true {
            let status = unsafe chunk.withUnsafeMutableBufferPointer { room in
                unsafe stream.next_out = room.baseAddress
                unsafe stream.avail_out = UInt32(clamping: room.count)
                return unsafe inflate(&stream, Z_NO_FLUSH)
            }
            let length = unsafe chunkBytes - Int(stream.avail_out)
            let room = limitBytes - output.count
            chunk.withView { output.append($0.prefix(min(length, room))) }
            if length > room { return .tooLarge }
            // Bytes behind the end would be another body to another reader.
            if status == Z_STREAM_END { return unsafe stream.avail_in == 0 ? .complete : .corrupt }
            if status == Z_BUF_ERROR { return .cut }
            guard status == Z_OK else { return .corrupt }
        }
    }
}
