import Transport

/// The page for people: works without script by reloading itself, and with it without reloading.
///
/// The live region speaks when the state changes, never the countdown (WCAG 2.2.1, 4.1.3).
enum WaitingPage {
    static func render(_ status: WaitingStatus, in language: WaitingLanguage) -> String {
        """
        <!doctype html>
        <html lang="\(language.code)">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex">
        <meta name="color-scheme" content="light dark">
        <title>\(title(status, language))</title>
        <link rel="stylesheet" href="/.wr/\(WaitingPageAssets.stylesheet.name)">
        \(refresh(status))</head>
        <body>
        <main id="room" data-room="\(status.room)" data-state="\(status.state.rawValue)"\(words(language))>
        <div class="card">
        <div class="mark" aria-hidden="true"><span></span><span></span><span></span></div>
        <h1 id="title">\(language.title(status.state))</h1>
        <p id="text" role="status" aria-live="polite">\(language.text(status.state))</p>
        \(figures(status, language))<p class="note">\(status.pollSeconds == nil ? "" : language.updates)</p>
        </div>
        </main>
        \(script(status))</body>
        </html>

        """
    }

    private static func title(_ status: WaitingStatus, _ language: WaitingLanguage) -> String {
        guard status.state == .queued, let ahead = status.ahead else {
            return language.title(status.state)
        }
        return "\(ahead) · \(language.title(status.state))"
    }

    /// Only where scripts do not run, since a reload would interrupt a screen reader.
    private static func refresh(_ status: WaitingStatus) -> String {
        guard let poll = status.pollSeconds else { return "" }
        return "<noscript><meta http-equiv=\"refresh\" content=\"\(poll)\"></noscript>\n"
    }

    private static func script(_ status: WaitingStatus) -> String {
        guard let poll = status.pollSeconds else { return "" }
        let source = "/.wr/\(WaitingPageAssets.script.name)"
        return "<script src=\"\(source)\" data-poll=\"\(poll)\" defer></script>\n"
    }

    private static func figures(_ status: WaitingStatus, _ language: WaitingLanguage) -> String {
        guard let ahead = status.ahead, let ticket = status.ticket else { return "" }
        return """
            <p class="ahead"><strong id="ahead">\(ahead)</strong> <span>\(language.ahead)</span></p>
            <dl>
            <div><dt>\(language.wait)</dt><dd id="wait">\(language.wait(status.estimate))</dd></div>
            <div><dt>\(language.number)</dt><dd>\(ticket)</dd></div>
            </dl>

            """
    }

    /// The words the script needs to keep the page up to date in the visitor's language.
    private static func words(_ language: WaitingLanguage) -> String {
        let words = [
            ("queued-title", language.queuedTitle), ("queued-text", language.queuedText),
            ("paused-title", language.pausedTitle), ("paused-text", language.pausedText),
            ("full-title", language.fullTitle), ("full-text", language.fullText),
            ("ready-title", language.readyTitle), ("ready-text", language.readyText),
            ("seconds", language.seconds), ("minutes", language.minutes),
            ("unknown", language.unknownWait),
        ]
        return words.map { "\n  data-\($0.0)=\"\($0.1)\"" }.joined()
    }
}
