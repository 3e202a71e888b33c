/// One request and its response on their way through the five phases.
///
/// The caller adds what it received, in order, and evaluates each phase once. Buffers given to `setRequestLine`,
/// `addRequestHeader`, `setResponseLine` and `addResponseHeader` stay the caller's and must remain valid and unchanged until the
/// transaction is reset or released; body bytes are copied. Not to be used from two threads at a time.
public final class Transaction {
    let rules: RuleSet
    let workspace: Workspace
    var mode: EngineMode
    var uniqueID: String
    /// What matched so far, in order.
    public private(set) var matches: [MatchedRule] = []

    /// - Parameters:
    ///   - workspace: of the worker the transaction runs on.
    ///   - mode: usually `rules.mode`; a route may be stricter or laxer.
    ///   - uniqueID: value of `UNIQUE_ID`.
    public init(_ rules: RuleSet, workspace: Workspace, mode: EngineMode, uniqueID: String) {
        self.rules = rules
        self.workspace = workspace
        self.mode = mode
        self.uniqueID = uniqueID
    }

    /// Forgets the request, so that the next one of the connection reuses the memory.
    public func reset(mode: EngineMode, uniqueID: String) {
        self.mode = mode
        self.uniqueID = uniqueID
        matches.removeAll(keepingCapacity: true)
    }

    /// Addresses are numeric, without brackets.
    public func setConnection(clientAddress: String, clientPort: Int, serverAddress: String, serverPort: Int) {}

    /// The request line as received: method, target and `HTTP/x.y`.
    public func setRequestLine(
        method: UnsafeRawBufferPointer,
        target: UnsafeRawBufferPointer,
        version: UnsafeRawBufferPointer
    ) {}

    /// One request header field, in the order received, without surrounding white space.
    public func addRequestHeader(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {}

    /// Phase 1.
    public func evaluateRequestHead() -> Interruption? { nil }

    /// Whether the body should be given to `appendRequestBody` before phase 2. Asked after phase 1.
    public var wantsRequestBody: Bool { rules.requestBodyAccess && mode != .off }

    /// A part of the request body, copied. Returns an interruption if the body is beyond `SecRequestBodyLimit` and that is
    /// to be rejected; what is beyond the limit is not kept.
    public func appendRequestBody(_ bytes: UnsafeRawBufferPointer) -> Interruption? { nil }

    /// Phase 2; also called for requests without a body.
    public func evaluateRequestBody() -> Interruption? { nil }

    /// The status line of the response; `version` is `HTTP/x.y`.
    public func setResponseLine(status: Int, version: UnsafeRawBufferPointer) {}

    /// One response header field.
    public func addResponseHeader(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {}

    /// Phase 3.
    public func evaluateResponseHead() -> Interruption? { nil }

    /// Whether the response body should be given to `appendResponseBody`. Asked after phase 3.
    public var wantsResponseBody: Bool { rules.responseBodyAccess && mode != .off }

    /// A part of the response body, copied. Returns an interruption if it is beyond `SecResponseBodyLimit` and that is to be rejected.
    public func appendResponseBody(_ bytes: UnsafeRawBufferPointer) -> Interruption? { nil }

    /// Phase 4; also called for responses without a body.
    public func evaluateResponseBody() -> Interruption? { nil }

    /// Phase 5: after the response was sent. Disruptive actions have no effect here.
    public func evaluateLogging() {}

    /// The anomaly score of the request, as the rules counted it.
    public var inboundScore: Int { 0 }
    /// The anomaly score of the response, as the rules counted it.
    public var outboundScore: Int { 0 }
}
