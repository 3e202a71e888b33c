/// A request whose bytes stay in place for as long as transactions point into them.
@safe final class KeptRequest {
    let request: RuleRequest
    private let method: Constant
    private let version: Constant
    private let target: Constant
    private let fields: [(name: Constant, value: Constant)]
    private let body: Constant
    private let responseVersion = Constant(Array("HTTP/1.1".utf8))
    private let responseFields: [(name: Constant, value: Constant)]
    private let responseBody: Constant

    init(_ request: RuleRequest) {
        self.request = request
        method = Constant(request.method)
        version = Constant(Array("HTTP/".utf8) + request.version)
        target = Constant(request.target)
        fields = request.headers.map { (Constant($0.name), Constant($0.value)) }
        body = Constant(request.body)
        responseFields = request.responseHeaders.map { (Constant($0.name), Constant($0.value)) }
        responseBody = Constant(request.responseBody)
    }

    /// Runs the phases up to the first interruption, without phase 5.
    func run(_ transaction: Transaction) -> Interruption? {
        runRequest(transaction) ?? runResponse(transaction)
    }

    private func runRequest(_ transaction: Transaction) -> Interruption? {
        transaction.setConnection(
            clientAddress: request.clientAddress,
            clientPort: request.clientPort,
            serverAddress: request.serverAddress,
            serverPort: request.serverPort
        )
        unsafe transaction.setRequestLine(
            method: method.bytes,
            target: target.bytes,
            version: version.bytes
        )
        for field in fields {
            unsafe transaction.addRequestHeader(name: field.name.bytes, value: field.value.bytes)
        }
        if let interruption = transaction.evaluateRequestHead() { return interruption }
        if transaction.wantsRequestBody, !request.body.isEmpty,
            let interruption = unsafe transaction.appendRequestBody(body.bytes)
        {
            return interruption
        }
        return transaction.evaluateRequestBody()
    }

    private func runResponse(_ transaction: Transaction) -> Interruption? {
        unsafe transaction.setResponseLine(status: request.status, version: responseVersion.bytes)
        for field in responseFields {
            unsafe transaction.addResponseHeader(name: field.name.bytes, value: field.value.bytes)
        }
        if let interruption = transaction.evaluateResponseHead() { return interruption }
        if transaction.wantsResponseBody, !request.responseBody.isEmpty,
            let interruption = unsafe transaction.appendResponseBody(responseBody.bytes)
        {
            return interruption
        }
        return transaction.evaluateResponseBody()
    }
}

extension Constant {
    @unsafe fileprivate var bytes: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: view.address, count: view.count)
    }
}
