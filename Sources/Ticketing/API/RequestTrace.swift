import HTTPTypes
import Hummingbird
import Logging
import Transport

/// The trace of a request and our part of it.
struct RequestTrace: Sendable {
    let parent: TraceParent
    /// The name of our part: 16 hexadecimal digits.
    let span = Token.hexadecimal(Digest.randomBytes(8))

    /// Nil if the request names no trace and nobody collects any.
    init?(of request: Request, isCollected: Bool) {
        let header = HTTPField.Name.traceParent.flatMap { request.headers[$0] }
        guard isCollected || header != nil else { return nil }
        let parent = TraceParent(header)
        guard isCollected || parent.parent != nil else { return nil }
        self.parent = parent
    }
}

extension Request {
    /// What a gateway calls this request; nil if it says nothing, or what may not stand in a log.
    var gatewayID: String? {
        guard let name = HTTPField.Name.requestID, let id = headers[name],
            (1...128).contains(id.utf8.count), id.utf8.allSatisfy(Self.isPlain)
        else { return nil }
        return id
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: "-_.:/+=".utf8.contains(byte)
        }
    }
}

extension Logger {
    /// Has every line name the request that it is about, as the gateway's lines and the traces do.
    mutating func join(_ request: Request, _ trace: RequestTrace?) {
        if let id = request.gatewayID { self[metadataKey: "http.request.id"] = "\(id)" }
        guard let trace else { return }
        self[metadataKey: "trace.id"] = "\(trace.parent.trace)"
        self[metadataKey: "span.id"] = "\(trace.span)"
    }
}
