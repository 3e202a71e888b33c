import CHiredis

/// Makes values of the bytes that Redis sends: the scanner finds complete replies, hiredis' reader takes them apart.
///
/// Not Sendable: it belongs to one connection.
@safe
final class ReplyDecoder {
    private let reader: UnsafeMutablePointer<redisReader>
    private var scanner: ReplyScanner
    private var received: [UInt8] = []
    /// How much of `received` has been decoded.
    private var consumed = 0

    init(limits: ReplyLimits = ReplyLimits()) {
        // hiredis returns null only when the system has no memory left.
        guard let reader = unsafe redisReaderCreate() else { preconditionFailure("out of memory") }
        unsafe self.reader = reader
        scanner = ReplyScanner(limits: limits)
    }

    deinit {
        unsafe redisReaderFree(reader)
    }

    /// Adds bytes as they came from the connection.
    func append(_ bytes: UnsafeRawBufferPointer) {
        if consumed == received.count {
            received.removeAll(keepingCapacity: received.capacity <= 64 << 10)
            consumed = 0
        } else if consumed > 64 << 10 {
            received.removeFirst(consumed)
            consumed = 0
        }
        unsafe received.append(contentsOf: bytes)
    }

    /// The next complete reply, nil when more bytes are needed. After an error the connection is of no use any more.
    func next() throws(RedisError) -> RESPValue? {
        guard consumed < received.count else { return nil }
        let bytes = received
        guard let length = try scanner.scan(bytes.span.extracting(consumed..<bytes.count)) else {
            return nil
        }
        let start = consumed
        consumed += length
        let isFed = unsafe bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return false }
            let reply = unsafe (base + start).assumingMemoryBound(to: CChar.self)
            return unsafe redisReaderFeed(reader, reply, length) == REDIS_OK
        }
        guard isFed else { throw .protocolViolation("the reader takes no more") }
        var reply: UnsafeMutableRawPointer?
        guard unsafe redisReaderGetReply(reader, &reply) == REDIS_OK, let reply = unsafe reply
        else {
            throw .protocolViolation("the reader refuses a reply")
        }
        defer { unsafe freeReplyObject(reply) }
        return unsafe Self.value(of: reply.assumingMemoryBound(to: redisReply.self))
    }

    private static func value(of reply: UnsafePointer<redisReply>) -> RESPValue {
        switch unsafe reply.pointee.type {
        case REDIS_REPLY_STRING: unsafe .bulk(bytes(of: reply))
        case REDIS_REPLY_STATUS: unsafe .simple(String(decoding: bytes(of: reply), as: UTF8.self))
        case REDIS_REPLY_ERROR: unsafe .error(String(decoding: bytes(of: reply), as: UTF8.self))
        case REDIS_REPLY_INTEGER: unsafe .integer(reply.pointee.integer)
        case REDIS_REPLY_ARRAY: unsafe .array(elements(of: reply))
        default: .null
        }
    }

    private static func bytes(of reply: UnsafePointer<redisReply>) -> [UInt8] {
        guard let text = unsafe reply.pointee.str else { return [] }
        return unsafe [UInt8](UnsafeRawBufferPointer(start: text, count: Int(reply.pointee.len)))
    }

    /// Recursion ends at the depth the scanner allows.
    private static func elements(of reply: UnsafePointer<redisReply>) -> [RESPValue] {
        guard let elements = unsafe reply.pointee.element else { return [] }
        return (0..<Int(unsafe reply.pointee.elements)).map { index in
            guard let element = unsafe elements[index] else { return .null }
            return unsafe value(of: element)
        }
    }
}
