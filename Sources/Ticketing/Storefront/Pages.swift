import Hummingbird
import Mustache

/// Renders the storefront's pages from templates that are compiled into the program.
struct Pages: Sendable {
    let assets = Assets()
    private let library: MustacheLibrary

    /// Parses all templates; throws if one of them is malformed.
    init() throws {
        var library = MustacheLibrary()
        MustacheContentTypes.register(Markup.Content(), named: "MARKUP")
        for (name, text) in Templates.all {
            try library.register("{{% CONTENT_TYPE:MARKUP}}" + text, named: name)
        }
        self.library = library
    }

    /// The page `name` with its values. Without a visitor it says nothing that depends on who reads it.
    func render(_ name: String, _ values: [String: Any], visitor: Visitor? = nil) -> String {
        // The library takes an empty text for true in a section; for our templates nothing to say is nothing to show.
        var values = values.filter { $0.value as? String != "" }
        values["assets"] = assets.paths
        values["anybody"] = visitor == nil
        values["signed_in"] = visitor?.identity != nil
        values["is_house"] = visitor?.identity?.role == .admin
        values["is_staff"] = [.admin, .door].contains(visitor?.identity?.role)
        values["guest"] = visitor.map { $0.identity == nil } ?? false
        return library.render(values, withTemplate: name) ?? ""
    }

    /// The page for a refusal.
    func problem(_ problem: Problem) -> Response {
        let values: [String: Any] = [
            "title": problem.title,
            "detail": problem.detail ?? "",
            "taken": (problem.taken ?? []).joined(separator: ", "),
            "is_login": problem.slug == Problem.loginRequired.slug,
        ]
        var response = Response.page(render("problem", values), status: problem.status)
        for field in problem.headers { response.headers.append(field) }
        return response
    }
}
