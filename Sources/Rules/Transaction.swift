/// One request and its response on their way through the five phases.
///
/// The caller adds what it received, in order, and evaluates each phase once. Buffers given to `setRequestLine`,
/// `addRequestHeader` and `setResponseLine` stay the caller's and must remain valid and unchanged until the transaction
/// is reset or released; what is wanted of response fields is copied, as bodies are. Not to be used from two threads at
/// a time.
public final class Transaction {
    // Unchecked, since nobody else can be inside: no method calls back, and a transaction stays on one thread. The
    // checks
    // would cost as much as the evaluation of an ordinary request.
    @exclusivity(unchecked) var evaluation: Evaluation

    /// - Parameters:
    ///   - workspace: of the worker the transaction runs on, made for the same rules.
    ///   - mode: usually `rules.mode`; a route may be stricter or laxer.
    ///   - uniqueID: value of `UNIQUE_ID`.
    public init(_ rules: RuleSet, workspace: Workspace, mode: EngineMode, uniqueID: String) {
        unsafe evaluation = Evaluation(rules, workspace, mode: mode, uniqueID: uniqueID)
    }

    /// Sets the paranoia level (1 to 4) of the transaction, whatever the set-up file says. To be called before phase 1.
    public func setParanoiaLevel(_ level: Int) { unsafe evaluation.pinParanoia(level) }

    deinit { unsafe evaluation.workspace.giveBack(evaluation.arena) }

    /// Forgets the request, so that the next one of the connection reuses the memory.
    public func reset(mode: EngineMode, uniqueID: String) {
        unsafe evaluation.reset(mode: mode, uniqueID: uniqueID)
    }

    /// Addresses are numeric, without brackets.
    public func setConnection(
        clientAddress: String,
        clientPort: Int,
        serverAddress: String,
        serverPort: Int
    ) {
        unsafe evaluation.connection = Connection(
            clientAddress: clientAddress,
            clientPort: clientPort,
            serverAddress: serverAddress,
            serverPort: serverPort
        )
    }

    /// The request line as received: method, target and `HTTP/x.y`.
    public func setRequestLine(
        method: UnsafeRawBufferPointer,
        target: UnsafeRawBufferPointer,
        version: UnsafeRawBufferPointer
    ) {
        unsafe evaluation.request = RequestData(
            method: ByteView(method),
            target: ByteView(target),
            version: ByteView(version)
        )
    }

    /// One request header field, in the order received, without surrounding white space.
    public func addRequestHeader(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        let name = unsafe ByteView(name)
        let slot = unsafe evaluation.rules.headers.find(name)
        unsafe evaluation.addRequestHeader(name: name, value: ByteView(value), slot: slot)
    }

    /// The same for a field whose place among those that rules name is known.
    public func addRequestHeader(
        name: UnsafeRawBufferPointer,
        value: UnsafeRawBufferPointer,
        at place: HeaderPlace
    ) {
        unsafe evaluation.addRequestHeader(
            name: ByteView(name),
            value: ByteView(value),
            slot: place.slot
        )
    }

    /// Phase 1.
    public func evaluateRequestHead() -> Interruption? { unsafe evaluation.evaluate(phase: 1) }

    /// Whether the body should be given to `appendRequestBody` before phase 2. Asked after phase 1.
    public var wantsRequestBody: Bool {
        unsafe evaluation.requestBodyAccess && evaluation.mode != .off
    }

    /// A part of the request body, copied. Returns an interruption if the body is beyond `SecRequestBodyLimit` and that
    /// is to be rejected; what is beyond the limit is not kept.
    public func appendRequestBody(_ bytes: UnsafeRawBufferPointer) -> Interruption? {
        wantsRequestBody ? unsafe evaluation.appendRequestBody(ByteView(bytes)) : nil
    }

    /// Phase 2; also called for requests without a body.
    public func evaluateRequestBody() -> Interruption? {
        if let interruption = unsafe evaluation.readRequestBody() { return interruption }
        return unsafe evaluation.evaluate(phase: 2)
    }

    /// The status line of the response; `version` is `HTTP/x.y`.
    public func setResponseLine(status: Int, version: UnsafeRawBufferPointer) {
        unsafe evaluation.response = ResponseData(status: status, version: ByteView(version))
    }

    /// One response header field, copied if any rule may look at it: whoever receives responses has other uses for its
    /// memory before the last phase.
    public func addResponseHeader(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        unsafe evaluation.addResponseHeader(name: ByteView(name), value: ByteView(value))
    }

    /// Phase 3.
    public func evaluateResponseHead() -> Interruption? { unsafe evaluation.evaluate(phase: 3) }

    /// Whether the response body should be given to `appendResponseBody`. Asked after phase 3.
    public var wantsResponseBody: Bool {
        unsafe evaluation.responseBodyAccess && evaluation.mode != .off
            && evaluation.isResponseTypeInspected
    }

    /// A part of the response body, copied. Returns an interruption if it is beyond `SecResponseBodyLimit` and that is
    /// to be rejected.
    public func appendResponseBody(_ bytes: UnsafeRawBufferPointer) -> Interruption? {
        guard unsafe evaluation.responseBodyAccess, unsafe evaluation.mode != .off else {
            return nil
        }
        return unsafe evaluation.appendResponseBody(ByteView(bytes))
    }

    /// Whether rules may want to read the response's body, in which case it should come in no content coding
    /// but gzip or deflate. Asked before there is a response.
    public var mayReadResponseBody: Bool {
        unsafe evaluation.responseBodyAccess && evaluation.mode != .off
            && !evaluation.rules.programs[4].value.heads.isEmpty
    }

    /// Phase 4; also called for responses without a body.
    public func evaluateResponseBody() -> Interruption? {
        if unsafe evaluation.mode != .off { unsafe evaluation.decompressResponseBody() }
        return unsafe evaluation.evaluate(phase: 4)
    }

    /// Phase 5, once however often it is called: after the response was sent, or before where the client is told what
    /// matched. Disruptive actions have no effect here.
    public func evaluateLogging() {
        guard phase < 5 else { return }
        _ = unsafe evaluation.evaluate(phase: 5)
    }

    /// The phase that was evaluated last; 0 before the first.
    public var phase: Int { unsafe evaluation.flow.phase }

    /// What matched and is logged, or blocks, so far, in order.
    public var matches: [MatchedRule] { unsafe evaluation.matches }
    /// Why the request body could not be read as what it claims to be; empty if it could.
    public var bodyError: String { unsafe "\(evaluation.body.errorMessage)" }
    /// Whether something of the request was not inspected as it should have been.
    public var isIncomplete: Bool { unsafe evaluation.budget.isSpent || evaluation.body.hasError }
    /// Whether the time budget ran out, so that the rest of the values was not inspected.
    public var isBudgetSpent: Bool { unsafe evaluation.budget.isSpent }
    /// Values that were not searched to the end because a limit was reached.
    public var exhaustedSearchCount: Int { unsafe evaluation.exhaustedSearchCount }
    /// The anomaly score of the request, as the rules counted it.
    public var inboundScore: Int { unsafe evaluation.score(evaluation.rules.inboundScoreSlots) }
    /// The anomaly score of the response, as the rules counted it.
    public var outboundScore: Int { unsafe evaluation.score(evaluation.rules.outboundScoreSlots) }

    /// Targets such as `args:password`, in lower case, whose values no log may show (`sanitiseArg` and its like).
    public var redactedTargets: [String] { unsafe evaluation.redacted }

    /// Ids of all rules that matched, logged or not, in order.
    var matchedIDs: [Int] {
        unsafe evaluation.matchedRules.map { unsafe evaluation.rules.tables.rules[Int($0)].id }
    }
}
