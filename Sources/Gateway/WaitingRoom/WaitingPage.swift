import Transport

/// The page for people: works without script by reloading itself, and with it without reloading.
///
/// The live region speaks when the state changes, never the countdown (WCAG 2.2.1, 4.1.3).
enum WaitingPage {
    static func render(
        _ status: WaitingStatus,
        in language: WaitingLanguage,
        style: WaitingPageAssets.Asset? = nil
    ) -> String {
        document(
            title: title(status, language),
            body: body(status, language),
            head: refresh(status),
            in: language,
            style: style
        )
    }

    /// What every page of a room has around it.
    static func document(
        title: String,
        body: String,
        head: String = "",
        in language: WaitingLanguage,
        style: WaitingPageAssets.Asset?
    ) -> String {
        """
        <!doctype html>
        <html lang="\(language.code)">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex">
        <meta name="color-scheme" content="light dark">
        <title>\(title)</title>
        <link rel="icon" href="data:,">
        \(links(style))\(head)</head>
        <body>
        \(body)</body>
        </html>

        """
    }

    private static func body(_ status: WaitingStatus, _ language: WaitingLanguage) -> String {
        let scene = WaitingLanguage.Scene(status)
        return """
            <main id="room" data-room="\(status.room)" data-scene="\(scene.rawValue)"\(words(language))>
            <div class="card">
            <div class="mark" aria-hidden="true"><span></span><span></span><span></span></div>
            <h1 id="title">\(escaped(language.title(status)))</h1>
            <p id="text" role="status" aria-live="polite">\(escaped(language.text(status)))</p>
            \(figures(status, language))<p class="note">\(note(status, language))</p>
            \(questionLink(status, language))\(mover(status, language))\(leaver(status, language))</div>
            </main>
            \(script(status))
            """
    }

    /// The way to another device, for who has a number.
    private static func mover(_ status: WaitingStatus, _ language: WaitingLanguage) -> String {
        guard status.ticket != nil, status.state == .queued || status.state == .paused else {
            return ""
        }
        return """
            <p class="move"><a href="/.wr/move?room=\(status.room)">\(escaped(language[.move]))</a></p>

            """
    }

    /// The way out of the line, for who stands in it.
    private static func leaver(_ status: WaitingStatus, _ language: WaitingLanguage) -> String {
        guard status.ticket != nil || status.state == .prequeue else { return "" }
        switch status.state {
        case .queued, .paused, .prequeue:
            return """
                <p class="move"><a href="/.wr/leave?room=\(status.room)&amp;page=1">\(escaped(language[.leave]))</a></p>

                """
        default: return ""
        }
    }

    /// What the page about moving a place is about.
    enum Move: Sendable {
        /// Asks for a code, or offers one to somebody who has a place.
        case ask(hasPlace: Bool, problem: WaitingLanguage.Word?)
        /// Shows the code of a place.
        case show(code: String)
        /// Asks whether the place of a code is to come here: following a link moves nothing.
        case confirm(code: String)
    }

    /// The page where a code is asked for, shown or typed; forms alone, since scripts may not run.
    static func move(
        _ move: Move,
        room: String,
        in language: WaitingLanguage,
        style: WaitingPageAssets.Asset? = nil
    ) -> String {
        let body = """
            <main>
            <div class="card">
            <h1>\(escaped(language[.move]))</h1>
            \(content(move, room, language))</div>
            </main>

            """
        return document(
            title: escaped(language[.move]),
            body: body,
            in: language,
            style: style
        )
    }

    private static func content(_ move: Move, _ room: String, _ language: WaitingLanguage) -> String {
        switch move {
        case .show(let code):
            return "<p>\(escaped(language[.moveCode]))</p>\n" + shown(code)
        case .confirm(let code):
            return shown(code)
                + form("?room=\(room)&amp;code=\(code)", button: language[.moveTake])
        case .ask(let hasPlace, let problem):
            let wrong = problem.map { "<p role=\"alert\">\(escaped(language[$0]))</p>\n" } ?? ""
            let show = hasPlace ? form("?room=\(room)", button: language[.moveShow]) : ""
            return wrong + show + typed(room, language)
        }
    }

    private static func shown(_ code: String) -> String {
        "<p class=\"code\"><output>\(code.prefix(4)) \(code.dropFirst(4))</output></p>\n"
    }

    private static func form(_ query: String, button: String) -> String {
        """
        <form method="post" action="/.wr/move\(query)">
        <button>\(escaped(button))</button>
        </form>

        """
    }

    private static func typed(_ room: String, _ language: WaitingLanguage) -> String {
        """
        <form method="get" action="/.wr/move">
        <input type="hidden" name="room" value="\(room)">
        <label for="code">\(escaped(language[.moveEnter]))</label>
        <input id="code" name="code" required maxlength="12" autocomplete="off" autocapitalize="characters">
        <button>\(escaped(language[.moveTake]))</button>
        </form>

        """
    }

    private static func links(_ style: WaitingPageAssets.Asset?) -> String {
        [WaitingPageAssets.stylesheet, style].compactMap(\.self).map {
            "<link rel=\"stylesheet\" href=\"/.wr/\($0.name)\">\n"
        }.joined()
    }

    private static func title(_ status: WaitingStatus, _ language: WaitingLanguage) -> String {
        guard WaitingLanguage.Scene(status) == .queued, let ahead = status.ahead else {
            return escaped(language.title(status))
        }
        return "\(ahead) · \(escaped(language.title(status)))"
    }

    /// Only where scripts do not run, since a reload would interrupt a screen reader.
    private static func refresh(_ status: WaitingStatus) -> String {
        guard let poll = status.pollSeconds else { return "" }
        return "<noscript><meta http-equiv=\"refresh\" content=\"\(poll)\"></noscript>\n"
    }

    private static func script(_ status: WaitingStatus) -> String {
        guard let poll = status.pollSeconds else { return "" }
        let source = "/.wr/\(WaitingPageAssets.script.name)"
        var data = " data-poll=\"\(poll)\""
        if let challenge = status.challenge {
            let json = escaped(challenge.json(room: status.room))
            data +=
                " data-worker=\"/.wr/\(WaitingPageAssets.worker.name)\" data-challenge=\"\(json)\""
        }
        return "<script src=\"\(source)\"\(data) defer></script>\n"
    }

    private static func note(_ status: WaitingStatus, _ language: WaitingLanguage) -> String {
        status.pollSeconds == nil ? "" : escaped(language[.updates])
    }

    private static func figures(_ status: WaitingStatus, _ language: WaitingLanguage) -> String {
        var text = ""
        if let ahead = status.ahead {
            let words = escaped(language[ahead == 1 ? .aheadOne : .ahead])
            text += """
                <p class="ahead"><strong id="ahead">\(ahead)</strong> <span id="ahead-words">\(words)</span></p>
                <progress id="progress" max="1000" value="0" aria-hidden="true"></progress>

                """
        }
        var rows: [String] = []
        if let opens = status.opensAtMilliseconds {
            let moment = Timestamp.text(seconds: Int(opens / 1_000)) + "Z"
            rows.append(
                row(
                    language[.opens],
                    "<time id=\"opens\" datetime=\"\(moment)\">\(readable(moment))</time>"
                )
            )
        }
        if status.state == .queued {
            let wait = escaped(language.wait(status.estimate))
            rows.append(row(language[.wait], wait, id: "wait"))
        }
        if let ticket = status.ticket { rows.append(row(language[.number], "\(ticket)")) }
        if let remaining = status.remaining, remaining > 0 {
            rows.append(row(language[.remaining], "\(remaining)", id: "remaining"))
        }
        return rows.isEmpty ? text : text + "<dl>\n\(rows.joined(separator: "\n"))\n</dl>\n"
    }

    private static func row(_ name: String, _ value: String, id: String? = nil) -> String {
        let mark = id.map { " id=\"\($0)\"" } ?? ""
        return "<div><dt>\(escaped(name))</dt><dd\(mark)>\(value)</dd></div>"
    }

    /// `2026-12-01 10:00 UTC`, which a script turns into the visitor's own time.
    private static func readable(_ moment: String) -> String {
        moment.prefix(16).replacing("T", with: " ") + " UTC"
    }

    /// The words the script needs to keep the page up to date in the visitor's language.
    private static func words(_ language: WaitingLanguage) -> String {
        var words: [(String, String)] = WaitingLanguage.Scene.allCases.flatMap { scene in
            let name = scene.rawValue.lowercased()
            return [
                ("\(name)-title", language[scene.title]), ("\(name)-text", language[scene.text]),
            ]
        }
        for word in [WaitingLanguage.Word.seconds, .minutes, .range, .unknown, .ahead, .aheadOne] {
            words.append((word.rawValue.replacing("_", with: "-"), language[word]))
        }
        return words.map { "\n  data-\($0.0)=\"\(escaped($0.1))\"" }.joined()
    }

    /// Text that an operator wrote, as text.
    static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { [0x22, 0x26, 0x3C, 0x3E].contains($0) }) else {
            return text
        }
        return text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }
}
