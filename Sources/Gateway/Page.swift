import HTTP
import Transport

/// The gateway's own answers to people and programs: a small page, or a problem document (RFC 9457).
enum Page {
    /// A page or a problem document, by what the client accepts, with the reference id of the exchange.
    ///
    /// - Parameters:
    ///   - reason: a stable word; it becomes the problem's type.
    ///   - text: a sentence for people.
    static func answer(status: Int, reason: String, text: String, for exchange: Exchange)
        -> Response
    {
        let reference = exchange.requestID
        let title = "\(Status.reason(status))"
        let content: Content
        if exchange.prefersJSON {
            let json = """
                {"type":"about:blank#\(reason)","title":"\(title)","status":\(status),"detail":"\(text)",\
                "instance":"urn:request:\(reference)"}\n
                """
            content = Content(
                contentType: "application/problem+json",
                fields: [("cache-control", "no-store")],
                body: Array(json.utf8)
            )
        } else {
            content = Content(
                contentType: "text/html; charset=utf-8",
                fields: [
                    ("cache-control", "no-store"),
                    (
                        "content-security-policy",
                        "default-src 'none'; style-src 'sha256-\(styleDigest)'"
                    ),
                ],
                body: Array(
                    html(
                        status: status,
                        title: title,
                        text: text + retry(status, exchange),
                        reference: reference
                    ).utf8
                )
            )
        }
        return Response(status: status, source: .content(content), reason: reason)
    }

    /// Another try, where the fault may pass and asking again does nothing twice. The empty reference is the
    /// address that was asked for, so that none of it is written here.
    private static func retry(_ status: Int, _ exchange: Exchange) -> String {
        guard (502...504).contains(status), exchange.head.method == .get else { return "" }
        return "</p><p>This often passes within a minute. <a href=\"\">Try again</a>"
    }

    private static func html(status: Int, title: String, text: String, reference: String) -> String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <title>\(status) \(title)</title><style>\(style)</style></head>
        <body><main><h1>\(title)</h1><p>\(text)</p>
        <p>Reference: <code>\(reference)</code></p></main></body></html>

        """
    }

    private static let style = """
        :root{color-scheme:light dark;font:1.1rem/1.5 system-ui,sans-serif}\
        main{max-width:34rem;margin:18vh auto;padding:0 1.5rem}h1{font-size:1.6rem}code{overflow-wrap:anywhere}
        """

    /// The style's SHA-256 in plain Base64 with its padding, since browsers compare the policy's text with that.
    private static let styleDigest = standardBase64(of: Digest.sha256(Array(style.utf8)))

    /// Base64 with the plain alphabet and its padding (RFC 4648 section 4).
    static func standardBase64(of bytes: [UInt8]) -> String {
        let text = Base64URL.encode(bytes).replacing("-", with: "+").replacing("_", with: "/")
        return text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    }
}
