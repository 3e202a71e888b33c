import NIOCore
import NIOHTTPTypes

/// Hears a client to the end that was answered while it still sends, and forgets what it says.
///
/// The server reads no more once it has answered a request with `Connection: close`. Then the client cannot send the
/// rest, and does not come to read the answer. How long it is heard is bounded as a silent connection is.
final class EarlyAnswers: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private var requestCount = 0
    private var answerCount = 0
    private var isRequestBeingRead = false

    private var isAnsweredEarly: Bool { isRequestBeingRead && answerCount == requestCount }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            requestCount += 1
            isRequestBeingRead = true
        case .body:
            if isAnsweredEarly { return }
        case .end:
            isRequestBeingRead = false
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        if isAnsweredEarly { context.read() }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { answerCount += 1 }
        context.write(data, promise: promise)
        if isAnsweredEarly { context.read() }
    }
}
