/// What anybody may check afterwards: the chain of admissions, its roots, and one's own entry.
///
/// An entry says which number came in when, and of the session only a digest that its holder can compute. Each hash is
/// the SHA-256 of the hash before it and the entry's line, `index position session time`; a root is the last hash of a
/// whole minute.
extension WaitingRoom {
    private static let pageLimit = 1_000

    /// `GET /.wr/receipt`: the entry of the visitor's own session.
    func receipt(_ request: WaitingRequest) -> WaitingAnswer {
        guard let shown = request.admission,
            let pass = Pass(shown, keys: keys, binding: request.binding)
        else { return .refusal(status: 404, "Only who was let in has a receipt.") }
        guard environment.allows(Array("receipt".utf8) + pass.session.bytes) else { return tooMany }
        guard let found = log.entry(of: pass.session.publicDigest) else {
            // The log is read once a second.
            return .refusal(status: 404, "Not in the log yet; please ask again in a moment.")
        }
        let admission = found.entry.admission
        var body = "{\"room\":\"\(settings.name)\",\"index\":\(found.index)"
        body += ",\"position\":\(admission.position),\"session\":\"\(admission.sessionDigest)\""
        body += ",\"at\":\(admission.milliseconds),\"hash\":\"\(found.entry.hash)\"}"
        return json(body, cache: "no-store")
    }

    /// `GET /.wr/log/<room>?after=N`: lines of `index position session time hash`, a thousand at a time.
    func logPage(after index: Int64) -> WaitingAnswer {
        let page = log.entries(after: index, limit: Self.pageLimit)
        var text = ""
        for (offset, entry) in page.entries.enumerated() {
            let line = ReceiptLog.line(entry.admission, index: page.first + Int64(offset))
            text += "\(line) \(entry.hash)\n"
        }
        return WaitingAnswer(
            status: 200,
            fields: [
                ("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "max-age=1"),
                ("X-Content-Type-Options", "nosniff"),
            ],
            body: Array(text.utf8)
        )
    }

    /// `GET /.wr/roots/<room>`: what the chain begins with, and its end at each whole minute.
    ///
    /// - Parameter client: whoever asks, as bytes.
    func roots(for client: [UInt8]) -> WaitingAnswer {
        guard environment.allows(Array("roots".utf8) + client) else { return tooMany }
        let body =
            "{\"room\":\"\(settings.name)\",\"start\":\"\(log.start)\",\"roots\":[\(log.rootsText)]}"
        return json(body, cache: "max-age=10")
    }

    private var tooMany: WaitingAnswer {
        .refusal(status: 429, "Please ask less often.", fields: [("Retry-After", "5")])
    }

    private func json(_ body: String, cache: String) -> WaitingAnswer {
        WaitingAnswer(
            status: 200,
            fields: [("Content-Type", "application/json"), ("Cache-Control", cache)],
            body: Array(body.utf8)
        )
    }
}
