import Hummingbird
import Transport

/// Style sheet and scripts, compiled into the program. The content's hash is part of the address, so that a cache may
/// keep them for ever.
struct Assets: Sendable {
    /// One file.
    private struct Asset: Sendable {
        let bytes: [UInt8]
        let type: String
        let etag: String
    }

    /// The addresses by short name, as in `app_css`.
    let paths: [String: String]
    private let assets: [String: Asset]

    init() {
        let sources = [
            (name: "app", suffix: "css", type: "text/css; charset=utf-8", text: StyleSheet.text),
            (
                name: "seats", suffix: "js", type: "text/javascript; charset=utf-8",
                text: SeatScript.text
            ),
            (
                name: "countdown", suffix: "js", type: "text/javascript; charset=utf-8",
                text: CountdownScript.text
            ),
            (
                name: "board", suffix: "js", type: "text/javascript; charset=utf-8",
                text: BoardScript.text
            ),
            (name: "icon", suffix: "svg", type: "image/svg+xml", text: Self.icon),
        ]
        var paths: [String: String] = [:]
        var assets: [String: Asset] = [:]
        for source in sources {
            let hash = String(Token.hash(source.text).prefix(12))
            let file = "\(source.name).\(hash).\(source.suffix)"
            paths["\(source.name)_\(source.suffix)"] = "/assets/\(file)"
            assets[file] = Asset(
                bytes: Array(source.text.utf8),
                type: source.type,
                etag: "\"\(hash)\""
            )
        }
        self.paths = paths
        self.assets = assets
    }

    /// Serves them under `/assets`.
    func add(to router: Router<ShopContext>) {
        router.get("assets/:file") { request, context in
            guard let asset = assets[try context.name("file")] else { throw Problem.notFound }
            return Response.validated(
                request,
                etag: asset.etag,
                type: asset.type,
                cache: .immutable,
                asset.bytes
            )
        }
        router.get("robots.txt") { request, _ in
            let text = "User-agent: *\nDisallow: /checkout/\nDisallow: /orders\nDisallow: /api/\n"
            return Response.bytesResponse(
                200,
                Array(text.utf8),
                type: "text/plain",
                cache: .settled
            )
        }
    }

    private static let icon = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">\
        <rect width="32" height="32" rx="7" fill="#8f2d56"/>\
        <path d="M6 11h20v4a2 2 0 0 0 0 4v4H6v-4a2 2 0 0 0 0-4z" fill="#fff"/></svg>
        """
}
