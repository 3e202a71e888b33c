import HTTP
import Rules
import Synchronization
import Transport

/// Puts an exchange before the rules and turns what they decide into a response. Nothing else: the engine knows no
/// sockets, the gateway knows no rules. Confined to its worker.
final class InspectionStage {
    private let rules: RuleSet?
    private let workspace: Workspace?
    private let generation: Int
    private let log: SecurityLog
    private let counters: WorkerCounters
    private let headerPlaces: [HeaderPlace]
    private let runsOnResponses: Bool
    private let reportsMatches: Bool
    private let blocksWhenSpent: Bool
    private let form: Configuration.LogForm
    /// Transactions that no request has.
    private var free: [Transaction] = []

    /// More than are in use at once but in a rush, whose memory goes back.
    static let freeLimit = 64

    init(
        _ snapshot: Snapshot,
        collections: CollectionStore,
        log: SecurityLog,
        counters: WorkerCounters
    ) {
        let configuration = snapshot.configuration.rules
        rules = snapshot.rules
        workspace = snapshot.rules.map {
            Workspace(
                $0,
                collections: collections,
                locations: snapshot.locations,
                budgetMilliseconds: Int(configuration.budget.wholeNanoseconds / 1_000_000)
            )
        }
        headerPlaces =
            snapshot.rules.map { rules in
                FieldName.allCases.map { rules.headerPlace(of: $0.text) }
            } ?? []
        runsOnResponses = snapshot.rules?.runsOnResponses == true
        reportsMatches = configuration.report
        blocksWhenSpent = configuration.onBudget == .block
        form = snapshot.configuration.log.wafForm
        generation = snapshot.generation
        self.log = log
        self.counters = counters
    }

    /// Phase 1: the request's head.
    func requestHead(_ exchange: Exchange, _ route: Route) -> Response? {
        guard let transaction = begin(exchange, route) else { return nil }
        exchange.transaction = transaction
        return answer(to: transaction.evaluateRequestHead(), exchange)
    }

    /// Phase 2: the request's content, which is read only now, up to the rules' limit.
    @inline(__always)
    func requestBody(_ exchange: Exchange, _ route: Route) async throws(Failure) -> Response? {
        guard let transaction = exchange.transaction else { return nil }
        if route.inspectsBody, !exchange.body.isFinished, transaction.wantsRequestBody,
            let response = try await readBody(exchange, transaction)
        {
            return response
        }
        return answer(to: transaction.evaluateRequestBody(), exchange)
    }

    private func readBody(_ exchange: Exchange, _ transaction: Transaction)
        async throws(Failure) -> Response?
    {
        guard let rules else { return nil }
        while let piece = try await exchange.body.next() {
            exchange.inspectedBody.append(piece)
            let interruption = unsafe piece.withUnsafeBytes {
                unsafe transaction.appendRequestBody($0)
            }
            if let response = answer(to: interruption, exchange) { return response }
            if exchange.inspectedBody.count >= rules.requestBodyLimitBytes { break }
        }
        return nil
    }

    /// Phase 3: the response's head.
    func responseHead(_ response: Response, of exchange: Exchange) -> Response? {
        guard runsOnResponses, let transaction = exchange.transaction else { return nil }
        transaction.setResponseLine(status: response.status)
        if case .upstream(let upstream) = response.source {
            let fields = upstream.head.fields
            for index in 0..<fields.count {
                transaction.addResponseField(fields.name(index), fields.value(index))
            }
        }
        return answer(to: transaction.evaluateResponseHead(), exchange)
    }

    /// Phase 4: the response's content. As much as the rules want to see is held back, so that a refusal still ends in
    /// a page of its own; what is beyond streams.
    @inline(__always)
    func responseBody(_ response: Response, of exchange: Exchange) async throws(Failure)
        -> Response?
    {
        guard runsOnResponses, let transaction = exchange.transaction else { return nil }
        return try await inspectBody(of: response, exchange, transaction)
    }

    private func inspectBody(
        of response: Response,
        _ exchange: Exchange,
        _ transaction: Transaction
    ) async throws(Failure) -> Response? {
        guard let rules else { return nil }
        var interruption: Interruption?
        if case .upstream(let upstream) = response.source, upstream.hasContent,
            transaction.wantsResponseBody
        {
            var left = rules.responseBodyLimitBytes
            try await upstream.hold { piece in
                left -= piece.count
                interruption = unsafe piece.withUnsafeBytes {
                    unsafe transaction.appendResponseBody($0)
                }
                return interruption == nil && left > 0
            }
        }
        return answer(to: interruption ?? transaction.evaluateResponseBody(), exchange)
    }

    /// What the gateway refuses for reasons of its own before the content is read is shown to the rules of phase 2 all
    /// the same: an attack belongs in the log whoever stopped it.
    func conclude(_ exchange: Exchange) {
        guard let transaction = exchange.transaction, transaction.phase == 1 else { return }
        _ = transaction.evaluateRequestBody()
    }

    /// Phase 5, and the event for the security log; the transaction is ready for another request afterwards.
    func finish(_ exchange: Exchange, status: Int) {
        guard let transaction = exchange.transaction else { return }
        exchange.transaction = nil
        transaction.evaluateLogging()
        if !transaction.matches.isEmpty || transaction.isIncomplete {
            counters.rulesMatched.add(1, ordering: .relaxed)
            let circumstances = SecurityLog.Circumstances(
                generation: generation,
                rules: rules?.checksum ?? "",
                mode: exchange.route?.rulesMode ?? rules?.mode ?? .off,
                form: form
            )
            log.write(transaction, exchange, status: status, circumstances)
        }
        if free.count < Self.freeLimit { free.append(transaction) }
    }

    var freeCount: Int { free.count }

    /// Gives back what no request has.
    func trim() { free = [] }

    /// The ids of all matched rules that log, for `X-Waf-Rules`; nil unless they are to be told to this client.
    func report(_ exchange: Exchange) -> String? {
        guard reportsMatches, let transaction = exchange.transaction, exchange.peer.isLoopback
        else { return nil }
        // The client is to hear of phase 5 as well, which therefore does not wait for the answer to be sent.
        transaction.evaluateLogging()
        return transaction.matches.filter(\.isLogged).map { "\($0.id)" }.joined(separator: ",")
    }

    /// A head that the parser refused is shown to the rules as far as it can be read. They decide nothing here: the
    /// answer stands already.
    func refusedHead(_ bytes: ByteView, _ exchange: Exchange) {
        guard let rules, let transaction = transaction(.detectionOnly, exchange), rules.mode != .off
        else { return }
        transaction.setRequest(RefusedHead(bytes))
        exchange.transaction = transaction
        _ = transaction.evaluateRequestHead()
        _ = transaction.evaluateRequestBody()
    }

    private func begin(_ exchange: Exchange, _ route: Route) -> Transaction? {
        guard let rules, let transaction = transaction(route.rulesMode ?? rules.mode, exchange)
        else { return nil }
        if let paranoia = route.paranoia { transaction.setParanoiaLevel(paranoia) }
        transaction.setRequest(exchange.head, joined: exchange.joinedValues, places: headerPlaces)
        transaction.setFingerprint(exchange.fingerprint)
        return transaction
    }

    /// A transaction that knows the connection, used before or new; nil where no rules run.
    private func transaction(_ mode: EngineMode, _ exchange: Exchange) -> Transaction? {
        guard let rules, let workspace, mode != .off else { return nil }
        let transaction: Transaction
        if let reused = free.popLast() {
            transaction = reused
            transaction.reset(mode: mode, uniqueID: "")
        } else {
            transaction = Transaction(rules, workspace: workspace, mode: mode, uniqueID: "")
        }
        transaction.setConnection(
            clientAddress: exchange.clientText,
            clientPort: Int(exchange.peerPort),
            serverAddress: "",
            serverPort: 0
        )
        return transaction
    }

    /// What becomes of a request that could not be inspected to its end.
    private func spentAnswer(_ exchange: Exchange) -> Response? {
        guard blocksWhenSpent, (exchange.route?.rulesMode ?? rules?.mode) == .on,
            exchange.transaction?.isBudgetSpent == true
        else { return nil }
        return Page.answer(
            status: 503,
            reason: "rules-budget",
            text: "This request takes too long to be checked.",
            for: exchange
        )
    }

    private func answer(to interruption: Interruption?, _ exchange: Exchange) -> Response? {
        guard let interruption else { return spentAnswer(exchange) }
        counters.rulesBlocked.add(1, ordering: .relaxed)
        let reason = "rule-\(interruption.ruleID)"
        switch interruption.action {
        case .drop:
            return Response(status: interruption.status, source: .drop, reason: reason)
        case .redirect(let target):
            var response = Response(
                status: interruption.status,
                source: .content(.empty),
                reason: reason
            )
            response.fields.append(("location", target))
            return response
        case .deny:
            let text =
                "This request was refused because it looks like an attack. If it was none, tell us the reference below."
            var response = Page.answer(
                status: interruption.status,
                reason: reason,
                text: text,
                for: exchange
            )
            response.closesConnection = !exchange.body.isFinished
            return response
        }
    }
}
