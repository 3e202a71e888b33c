/// The languages of one room's page, and what its operator adds to the style.
struct WaitingPages: Sendable {
    var languages: [WaitingLanguage]
    /// Comes after the page's own stylesheet.
    var style: WaitingPageAssets.Asset?

    static let builtIn = WaitingPages(languages: WaitingLanguage.all, style: nil)

    /// The pages with what the files of a directory say otherwise: `de.txt` for a language, `style.css` for the style;
    /// and everything that is wrong with them.
    static func load(_ directory: String) -> (pages: WaitingPages, problems: [FileProblem]) {
        var pages = builtIn
        var problems: [FileProblem] = []
        var found = false
        for (index, language) in pages.languages.enumerated() {
            let file = "\(directory)/\(language.code).txt"
            guard let text = read(file, &found, &problems) else { continue }
            var wrong: [FileProblem] = []
            pages.languages[index] = WaitingLanguage(
                code: language.code,
                text: text,
                fallback: language,
                problems: &wrong
            )
            problems += wrong.map { FileProblem(file: file, line: $0.line, message: $0.message) }
        }
        if let style = read("\(directory)/style.css", &found, &problems) {
            pages.style = WaitingPageAssets.Asset(
                ending: "css",
                contentType: "text/css; charset=utf-8",
                text: style
            )
        }
        if !found {
            let message = "no directory with a file such as en.txt or style.css"
            problems.append(FileProblem(file: directory, message: message))
        }
        return (pages, problems)
    }

    /// A file that may be absent, but not unreadable.
    private static func read(
        _ file: String,
        _ found: inout Bool,
        _ problems: inout [FileProblem]
    ) -> String? {
        guard TextFile.exists(file) else { return nil }
        found = true
        guard let text = TextFile.read(file) else {
            let message = "cannot be read, or is larger than 1 MiB"
            problems.append(FileProblem(file: file, message: message))
            return nil
        }
        return text
    }
}
