@testable import Rules

/// A request as a test writes it.
struct Request: Sendable {
    static let browser: [(String, String)] = [
        ("Host", "tickets.example.com"),
        (
            "User-Agent",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                + "Chrome/126.0.0.0 Safari/537.36"
        ),
        ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
        ("Accept-Language", "en-GB,en;q=0.9"),
        ("Accept-Encoding", "gzip, deflate, br"),
    ]

    var method = "GET"
    var target = "/"
    var version = "HTTP/1.1"
    var headers: [(String, String)] = Request.browser
    var body: [UInt8] = []
}

/// Keeps bytes at one address for as long as the object lives.
@safe final class Bytes {
    private let buffer: UnsafeMutableRawBufferPointer

    init(_ bytes: [UInt8]) {
        unsafe buffer = .allocate(byteCount: max(bytes.count, 1), alignment: 1)
        unsafe buffer.copyBytes(from: bytes)
        count = bytes.count
    }

    private let count: Int

    deinit { unsafe buffer.deallocate() }

    var view: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(rebasing: buffer[0..<count]) }
}

/// Runs requests through a rule set, all phases in order.
struct Exchange {
    let rules: RuleSet
    let transaction: Transaction
    private(set) var interruption: Interruption?
    private let owned: [Bytes]

    init(
        _ rules: RuleSet,
        _ request: Request,
        mode: EngineMode? = nil,
        usesGates: Bool = true,
        paranoia: Int? = nil,
        collections: CollectionStore = CollectionStore(),
        workspace: Workspace? = nil
    ) {
        self.rules = rules
        let workspace = workspace ?? Workspace(rules, collections: collections)
        transaction = Transaction(
            rules,
            workspace: workspace,
            mode: mode ?? rules.mode,
            uniqueID: "unique"
        )
        workspace.usesGates = usesGates
        if let paranoia { transaction.setParanoiaLevel(paranoia) }
        var owned: [Bytes] = []
        interruption = Exchange.run(request, transaction, &owned)
        transaction.evaluateLogging()
        self.owned = owned
    }

    private static func run(_ request: Request, _ transaction: Transaction, _ owned: inout [Bytes])
        -> Interruption?
    {
        transaction.setConnection(
            clientAddress: "192.0.2.1",
            clientPort: 40_000,
            serverAddress: "192.0.2.2",
            serverPort: 443
        )
        unsafe transaction.setRequestLine(
            method: keep(request.method, &owned),
            target: keep(request.target, &owned),
            version: keep(request.version, &owned)
        )
        for (name, value) in request.headers {
            unsafe transaction.addRequestHeader(
                name: keep(name, &owned),
                value: keep(value, &owned)
            )
        }
        if let interruption = transaction.evaluateRequestHead() { return interruption }
        if !request.body.isEmpty, transaction.wantsRequestBody {
            let refusal = unsafe request.body.withUnsafeBytes {
                unsafe transaction.appendRequestBody($0)
            }
            if let refusal { return refusal }
        }
        if let interruption = transaction.evaluateRequestBody() { return interruption }
        unsafe transaction.setResponseLine(status: 200, version: keep("HTTP/1.1", &owned))
        unsafe transaction.addResponseHeader(
            name: keep("Content-Type", &owned),
            value: keep("text/html", &owned)
        )
        return transaction.evaluateResponseHead() ?? transaction.evaluateResponseBody()
    }

    @unsafe private static func keep(_ text: String, _ owned: inout [Bytes])
        -> UnsafeRawBufferPointer
    {
        let kept = Bytes(Array(text.utf8))
        owned.append(kept)
        return unsafe kept.view
    }

    var ids: [Int] { transaction.matches.map(\.id) }
}
