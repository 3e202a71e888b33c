import HTTP
import Rules

/// A request as the gateway would read it, with the answer that the backend of the regression tests gives.
enum RegressionExchange {
    /// What came of reading the bytes.
    enum Reading {
        case request(RuleRequest)
        /// The gateway answers so itself, and no rule sees the request.
        case refused(status: Int)
    }

    static func read(_ bytes: [UInt8]) -> Reading {
        var parser = RequestParser()
        return unsafe bytes.withUnsafeBytes { buffer in
            let view = unsafe ByteView(buffer)
            do throws(HeadError) {
                guard let length = try parser.parse(view) else { return .refused(status: 400) }
                return read(parser.head, content: view[length..<view.count])
            } catch {
                return .refused(status: error.status)
            }
        }
    }

    private static func read(_ head: RequestHead, content: ByteView) -> Reading {
        var request = RuleRequest()
        request.method = head.methodName.octets
        request.target = head.target.raw.octets
        request.version = Array("\(head.version.text)".dropFirst("HTTP/".count).utf8)
        for index in 0..<head.fields.count {
            request.headers.append(
                (head.fields.name(index).octets, head.fields.value(index).octets)
            )
        }
        do throws(BodyError) {
            request.body = try decoded(content, head.framing)
        } catch {
            return .refused(status: error.status)
        }
        RegressionBackend.answer(&request)
        return .request(request)
    }

    private static func decoded(_ content: ByteView, _ framing: Framing) throws(BodyError)
        -> [UInt8]
    {
        var decoder = BodyDecoder(framing)
        var body: [UInt8] = []
        var rest = content
        while !decoder.isFinished {
            let step = try decoder.decode(rest)
            body += rest[step.data].octets
            if step.consumed == 0 { break }
            rest = rest[step.consumed..<rest.count]
        }
        return body
    }
}

extension ByteView {
    /// The bytes as an array of their own.
    var octets: [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }
}

/// The server behind the gateway that regression tests are written for: it answers what a request asks it to answer.
enum RegressionBackend {
    static func answer(_ request: inout RuleRequest) {
        request.status = 200
        let path = request.target.prefix { $0 != UInt8(ascii: "?") }
        guard request.method == Array("POST".utf8),
            path == Array("/reflect".utf8)[...] || path.starts(with: "/reflect/".utf8)
        else { return finish(&request) }
        guard let wanted = try? JSONReader.read(request.body[...], .utf8), case .object = wanted
        else {
            request.status = 400
            request.responseBody = Array("Invalid JSON in request body".utf8)
            return finish(&request)
        }
        request.status = wanted["status"]?.integer ?? 200
        if case .object(let headers)? = wanted["headers"] {
            request.responseHeaders = headers.map { (Array($0.key.utf8), $0.value.bytes ?? []) }
        }
        request.responseBody =
            wanted["body"]?.bytes ?? wanted["encodedBody"]?.bytes.flatMap(Base64.decode) ?? []
        finish(&request)
    }

    private static func finish(_ request: inout RuleRequest) {
        let names = Set(
            request.responseHeaders.map { String(decoding: $0.name, as: UTF8.self).lowercased() }
        )
        if !request.responseBody.isEmpty, !names.contains("content-type"),
            !names.contains("content-encoding")
        {
            let type = sniffed(request.responseBody)
            request.responseHeaders.append((Array("Content-Type".utf8), Array(type.utf8)))
        }
        if !names.contains("content-length") {
            let length = Array("\(request.responseBody.count)".utf8)
            request.responseHeaders.append((Array("Content-Length".utf8), length))
        }
    }

    private static let markup = [
        "<!doctype html", "<html", "<head", "<script", "<iframe", "<h1", "<div", "<font", "<table",
        "<a", "<style", "<title", "<b", "<body", "<br", "<p",
    ]

    /// The content types that matter to rules, as servers guess them.
    private static func sniffed(_ body: [UInt8]) -> String {
        let head = body.prefix(512).drop { [0x09, 0x0A, 0x0C, 0x0D, 0x20].contains($0) }
        let text = String(decoding: head, as: UTF8.self).lowercased()
        let isMarkup = markup.contains { tag in
            guard text.hasPrefix(tag) else { return false }
            let next = text.dropFirst(tag.count).first
            return next == nil || next == " " || next == ">"
        }
        if isMarkup || text.hasPrefix("<!--") { return "text/html; charset=utf-8" }
        return text.hasPrefix("<?xml") ? "text/xml; charset=utf-8" : "text/plain; charset=utf-8"
    }
}
