import HTTP
import Rules
import Synchronization
import Transport

/// Puts an exchange before the rules and turns what they decide into a response. Nothing else: the engine knows no
/// sockets, the gateway knows no rules. Confined to its worker.
final class InspectionStage {
    private let rules: RuleSet?
    private let workspace: Workspace?
    private let log: SecurityLog
    private let counters: WorkerCounters
    private let reportsMatches: Bool
    private var free: [Transaction] = []

    init(_ snapshot: Snapshot, log: SecurityLog, counters: WorkerCounters) {
        rules = snapshot.rules
        workspace = snapshot.rules.map(Workspace.init)
        reportsMatches = snapshot.configuration.rules.report
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
    func requestBody(_ exchange: Exchange, _ route: Route) async throws(Failure) -> Response? {
        guard let rules, let transaction = exchange.transaction else { return nil }
        if route.inspectsBody, transaction.wantsRequestBody {
            while let piece = try await exchange.body.next() {
                exchange.inspectedBody.append(piece)
                let interruption = unsafe piece.withUnsafeBytes {
                    unsafe transaction.appendRequestBody($0)
                }
                if let response = answer(to: interruption, exchange) { return response }
                if exchange.inspectedBody.count >= rules.requestBodyLimitBytes { break }
            }
        }
        return answer(to: transaction.evaluateRequestBody(), exchange)
    }

    /// Phase 3: the response's head.
    func responseHead(_ response: Response, of exchange: Exchange) -> Response? {
        guard let transaction = exchange.transaction else { return nil }
        transaction.setResponseLine(status: response.status)
        if case .upstream(let upstream) = response.source {
            let fields = upstream.head.fields
            for index in 0..<fields.count {
                transaction.addResponseField(fields.name(index), fields.value(index))
            }
        }
        return answer(to: transaction.evaluateResponseHead(), exchange)
    }

    /// Phase 5, and the event for the security log; the transaction is ready for another request afterwards.
    func finish(_ exchange: Exchange, status: Int) {
        guard let transaction = exchange.transaction else { return }
        exchange.transaction = nil
        transaction.evaluateLogging()
        if !transaction.matches.isEmpty {
            counters.rulesMatched.add(1, ordering: .relaxed)
            log.write(transaction, exchange, status: status)
        }
        free.append(transaction)
    }

    /// The ids of all matched rules that log, for `X-Waf-Rules`; nil unless they are to be told to this client.
    func report(_ exchange: Exchange) -> String? {
        guard reportsMatches, let transaction = exchange.transaction, exchange.peer.isLoopback
        else { return nil }
        return transaction.matches.filter(\.isLogged).map { "\($0.id)" }.joined(separator: ",")
    }

    private func begin(_ exchange: Exchange, _ route: Route) -> Transaction? {
        guard let rules, let workspace else { return nil }
        let mode = route.rulesMode ?? rules.mode
        guard mode != .off else { return nil }
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
        transaction.setRequest(exchange.head)
        transaction.setFingerprint(exchange.fingerprint)
        return transaction
    }

    private func answer(to interruption: Interruption?, _ exchange: Exchange) -> Response? {
        guard let interruption else { return nil }
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

extension FieldSection {
    /// Whether the field has the name under which rules see the fingerprint, which no client may claim.
    fileprivate func isFingerprint(_ index: Int) -> Bool {
        known(index) == .other && name(index).count == 9
            && name(index).equalsIgnoringCase("x-tls-ja4")
    }
}

extension Transaction {
    /// Hands over a parsed head; its bytes stay in place for as long as the exchange lasts.
    fileprivate func setRequest(_ head: RequestHead) {
        let version = ByteView(head.version.text)
        let target = head.target.raw
        unsafe head.methodName.withUnsafeBytes { method in
            unsafe target.withUnsafeBytes { target in
                unsafe version.withUnsafeBytes {
                    unsafe setRequestLine(method: method, target: target, version: $0)
                }
            }
        }
        let fields = head.fields
        for index in 0..<fields.count where !fields.isFingerprint(index) {
            let value = fields.value(index)
            unsafe fields.name(index).withUnsafeBytes { name in
                unsafe value.withUnsafeBytes { unsafe addRequestHeader(name: name, value: $0) }
            }
        }
    }

    /// The fingerprint of the client's TLS is a field of the request to rules: `REQUEST_HEADERS:X-TLS-JA4`.
    fileprivate func setFingerprint(_ fingerprint: ByteView) {
        guard !fingerprint.isEmpty else { return }
        unsafe ByteView("x-tls-ja4").withUnsafeBytes { name in
            unsafe fingerprint.withUnsafeBytes { unsafe addRequestHeader(name: name, value: $0) }
        }
    }

    fileprivate func setResponseLine(status: Int) {
        let version = ByteView("HTTP/1.1")
        unsafe version.withUnsafeBytes { unsafe setResponseLine(status: status, version: $0) }
    }

    fileprivate func addResponseField(_ name: ByteView, _ value: ByteView) {
        unsafe name.withUnsafeBytes { name in
            unsafe value.withUnsafeBytes { unsafe addResponseHeader(name: name, value: $0) }
        }
    }
}
