/// The question for those whose browser does no work while it waits: one form, which needs no script.
extension WaitingPage {
    struct Question: Sendable {
        /// Two numbers to add.
        let numbers: (Int, Int)
        /// Says since when it is asked.
        let token: String
        /// Until the answer is taken.
        let seconds: Int64
        let isWrong: Bool
    }

    static func question(
        _ question: Question,
        room: String,
        in language: WaitingLanguage,
        style: WaitingPageAssets.Asset? = nil
    ) -> String {
        let numbers = [String(question.numbers.0), String(question.numbers.1)]
        let asked = WaitingLanguage.filled(language[.proofQuestion], numbers)
        let wrong =
            question.isWrong ? "<p role=\"alert\">\(escaped(language[.proofWrong]))</p>\n" : ""
        let hold =
            question.seconds > 0
            ? WaitingLanguage.filled(language[.proofHold], ["\(question.seconds)"]) : ""
        let body = """
            <main>
            <div class="card">
            <h1>\(escaped(language[.challengeTitle]))</h1>
            \(wrong)<p id="hold">\(escaped(hold))</p>
            <form method="get" action="/.wr/proof">
            <input type="hidden" name="room" value="\(room)">
            <input type="hidden" name="token" value="\(question.token)">
            <label for="answer">\(escaped(asked))</label>
            <input id="answer" name="answer" required maxlength="4" inputmode="numeric" autocomplete="off" \
            aria-describedby="hold">
            <button>\(escaped(language[.proofSend]))</button>
            </form>
            </div>
            </main>

            """
        return document(
            title: escaped(language[.challengeTitle]),
            body: body,
            in: language,
            style: style
        )
    }

    /// The way to the question: for those without scripts while they wait, for everybody at the door.
    static func questionLink(_ status: WaitingStatus, _ language: WaitingLanguage) -> String {
        guard status.challenge != nil else { return "" }
        let link = """
            <p class="move"><a href="/.wr/proof?room=\(status.room)">\(escaped(language[.proofLink]))</a></p>
            """
        return status.state == .challenge ? link + "\n" : "<noscript>\(link)</noscript>\n"
    }
}
