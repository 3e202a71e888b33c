/// An answer that the waiting room gives by itself; nothing of it comes from the backend.
struct WaitingAnswer: Sendable {
    var status: Int
    /// Fields in order, without those that framing adds.
    var fields: [(name: String, value: String)]
    var body: [UInt8]

    init(status: Int, fields: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// Plain words, for paths and methods that do not exist.
    static func refusal(status: Int, _ text: String, fields: [(name: String, value: String)] = [])
        -> WaitingAnswer
    {
        WaitingAnswer(
            status: status,
            fields: [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")]
                + fields,
            body: Array((text + "\n").utf8)
        )
    }

    /// There is nothing at this address.
    static var nothing: WaitingAnswer {
        .refusal(status: 404, "There is nothing at this address.")
    }

    /// No room of that name is at this host.
    static var noRoom: WaitingAnswer {
        WaitingAnswer(
            status: 404,
            fields: [("Content-Type", "application/json"), ("Cache-Control", "no-store")],
            body: Array(#"{"problem":"there is no such room"}"#.utf8)
        )
    }

    /// The request comes from a page of another site.
    static var foreign: WaitingAnswer {
        .refusal(status: 403, "Only the site itself may ask this.")
    }
}

extension Response {
    init(_ answer: WaitingAnswer) {
        self.init(
            status: answer.status,
            source: .content(Content(fields: answer.fields, body: answer.body))
        )
    }
}

/// What becomes of a request to a protected path.
enum WaitingDecision: Sendable {
    /// On to the backend, for this session (nil where the room is open), with these `Set-Cookie` values on the answer.
    /// `renewedAt` is the time from which the session counts anew; 0 if the request did not renew it.
    case proxy(session: SessionID?, setCookies: [String], renewedAt: Int64 = 0)
    /// Answered here.
    case answer(WaitingAnswer)
}
