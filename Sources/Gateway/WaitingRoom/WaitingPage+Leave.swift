/// Leaving the line: asked once more, since a place that was given up does not come back; forms and links alone.
extension WaitingPage {
    static func leave(
        room: String,
        entrance: String,
        isDone: Bool,
        in language: WaitingLanguage,
        style: WaitingPageAssets.Asset? = nil
    ) -> String {
        let title = escaped(language[isDone ? .leftTitle : .leave])
        let back = escaped(language[isDone ? .leftAgain : .leaveStay])
        let body = """
            <main>
            <div class="card">
            <h1>\(title)</h1>
            <p>\(escaped(language[isDone ? .leftText : .leaveText]))</p>
            \(isDone ? "" : leaveForm(room, language))\
            <p class="move"><a href="\(escaped(entrance))">\(back)</a></p>
            </div>
            </main>

            """
        return document(title: title, body: body, in: language, style: style)
    }

    private static func leaveForm(_ room: String, _ language: WaitingLanguage) -> String {
        """
        <form method="post" action="/.wr/leave?room=\(room)&amp;place=1&amp;page=1">
        <button>\(escaped(language[.leave]))</button>
        </form>

        """
    }
}
