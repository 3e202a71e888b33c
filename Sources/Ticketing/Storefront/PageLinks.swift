import Hummingbird

/// The way from one page of a list of events to the next.
enum PageLinks {
    /// The numbers of the pages beside one, for the template; none where there is no such page.
    static func values(_ page: Int, of count: Int) -> [String: Any] {
        let isLast = page * EventCatalog.pageSize >= count
        return [
            "previous": page > 1 ? String(page - 1) : "", "next": isLast ? "" : String(page + 1),
        ]
    }

    /// In a template, the links.
    static let links = """
        {{#previous}}<a rel="prev" href="?page={{previous}}">Previous events</a>{{/previous}}
        {{#next}}<a rel="next" href="?page={{next}}">More events</a>{{/next}}
        """
}

extension Request {
    /// The page of a list that is asked for; throws `invalid-body` for what is none.
    func page() throws(Problem) -> Int {
        let page = uri.queryParameters["page"].map { Int($0) ?? 0 } ?? 1
        guard (1...10_000).contains(page) else { throw .invalidBody("page is a number from 1") }
        return page
    }
}
