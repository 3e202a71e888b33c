import HTTP

/// One request's hold on a server: what comes back, and the way to let go of it. A connection of HTTP/1, or a stream.
protocol UpstreamMessage: AnyObject {
    var head: ResponseHead { get }
    var body: MessageBody { get }
    /// How the content is found in what `body` reads.
    var contentFraming: Framing { get }

    /// Lets go; called once.
    ///
    /// - Parameter isComplete: whether request and response have both passed whole.
    func release(isComplete: Bool)

    /// Ends the work for an exchange whose client has given up, if it still is that exchange's.
    func abandon(by exchange: Exchange)
}

extension UpstreamConnection: UpstreamMessage {
    var head: ResponseHead { parser.head }
    var contentFraming: Framing { head.framing }

    func release(isComplete: Bool) {
        guard let lender else { return }
        let isReusable = isComplete && head.keepAlive && !head.isTunnel
        lender.pool.giveBack(self, to: lender.server, reusable: isReusable)
    }

    func abandon(by exchange: Exchange) {
        if user == ObjectIdentifier(exchange) { close() }
    }
}
