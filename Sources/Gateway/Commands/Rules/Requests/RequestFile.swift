import Rules

/// Requests as people keep them: a raw request, a curl command, JSON as `haniel rules run` takes it (one, or a line
/// each), or an HTTP archive of a browser.
enum RequestFile {
    /// A request and where it was found.
    struct Item {
        let request: RuleRequest
        let place: String
        /// What the rules said when it was recorded, if that was kept.
        let recordedIDs: [Int]?
        /// The rules that came with it.
        var rules: RuleSource?
    }

    /// Reads a file; `-` is standard input.
    static func read(_ path: String) throws -> [Item] {
        guard let bytes = FileContents.read(path) else {
            throw RegressionProblem(description: "cannot read \(path)")
        }
        return try items(bytes, name: path)
    }

    static func items(_ bytes: [UInt8], name: String) throws -> [Item] {
        let text = bytes.drop { $0 <= 0x20 }
        if text.first == UInt8(ascii: "{") { return try jsonItems(text, name) }
        if text.starts(with: "curl ".utf8) {
            let words = try ShellWords.split(String(decoding: text, as: UTF8.self))
            return [Item(request: try CurlCommand.request(words), place: name, recordedIDs: nil)]
        }
        return [Item(request: try rawRequest(Array(text)), place: name, recordedIDs: nil)]
    }

    private static func jsonItems(_ text: ArraySlice<UInt8>, _ name: String) throws -> [Item] {
        if let archive = try? JSONReader.read(text, .utf8), archive["log"] != nil {
            return HTTPArchive.requests(archive).enumerated().map { index, request in
                Item(request: request, place: "\(name), entry \(index + 1)", recordedIDs: nil)
            }
        }
        if let whole = try? JSONReader.read(text, .codePoints) { return [item(whole, name)] }
        var items: [Item] = []
        for (index, line) in text.split(separator: 0x0A, omittingEmptySubsequences: false)
            .enumerated()
        where line.contains(where: { $0 > 0x20 }) {
            do throws(JSONReader.Failure) {
                items.append(item(try JSONReader.read(line, .codePoints), "\(name):\(index + 1)"))
            } catch {
                throw RegressionProblem(description: "\(name):\(index + 1): \(error)")
            }
        }
        return items
    }

    private static func item(_ value: JSONValue, _ place: String) -> Item {
        let ids = value["was"]?["ids"]?.array ?? value["ids"]?.array
        return Item(
            request: RuleRequest(value),
            place: place,
            recordedIDs: ids?.compactMap(\.integer),
            rules: rules(value)
        )
    }

    private static func rules(_ value: JSONValue) -> RuleSource? {
        if let path = value["rules_file"]?.text { return RuleSource(paths: [path]) }
        guard let rules = value["rules"] else { return nil }
        return RuleSource(text: RunService.text(of: rules))
    }

    /// A request as it goes over the wire; bare line feeds are forgiven, since editors write them, and so is content
    /// whose length is not said.
    private static func rawRequest(_ text: [UInt8]) throws -> RuleRequest {
        let lines =
            text.firstRange(of: [0x0D, 0x0A, 0x0D, 0x0A]) == nil ? withCarriageReturns(text) : text
        switch RegressionExchange.read(withLength(lines)) {
        case .request(let request): return request
        case .refused(let status):
            throw RegressionProblem(
                description: "the gateway would refuse this with \(status) before any rule sees it"
            )
        }
    }

    /// With the length of the content, if there is content and nothing says where it ends.
    private static func withLength(_ text: [UInt8]) -> [UInt8] {
        guard let end = text.firstRange(of: [0x0D, 0x0A, 0x0D, 0x0A]) else { return text }
        let length = text.count - end.upperBound
        let head = String(decoding: text[..<end.lowerBound], as: UTF8.self).lowercased()
        let isFramed = head.split(separator: "\r\n").contains {
            $0.hasPrefix("content-length:") || $0.hasPrefix("transfer-encoding:")
        }
        if isFramed || text[end.upperBound...].allSatisfy({ $0 <= 0x20 }) { return text }
        return Array(text[..<end.lowerBound]) + Array("\r\nContent-Length: \(length)".utf8)
            + Array(text[end.lowerBound...])
    }

    private static func withCarriageReturns(_ text: [UInt8]) -> [UInt8] {
        var head: [UInt8] = []
        var index = 0
        while index < text.count {
            if text[index] == 0x0A {
                head += [0x0D, 0x0A]
                if index + 1 < text.count, text[index + 1] == 0x0A {
                    return head + [0x0D, 0x0A] + text[(index + 2)...]
                }
            } else {
                head.append(text[index])
            }
            index += 1
        }
        if head.suffix(2) != [0x0D, 0x0A] { head += [0x0D, 0x0A] }
        return head + [0x0D, 0x0A]
    }
}

/// Requests of an HTTP archive (HAR 1.2).
enum HTTPArchive {
    static func requests(_ archive: JSONValue) -> [RuleRequest] {
        (archive["log"]?["entries"]?.array ?? []).compactMap { entry in
            guard let source = entry["request"] else { return nil }
            var request = RuleRequest()
            request.method = source["method"]?.bytes ?? request.method
            let place = URLPlace(source["url"]?.text ?? "/")
            request.target = Array(place.target.utf8)
            request.headers = fields(source["headers"]).filter {
                $0.name.first != UInt8(ascii: ":")
            }
            let names = request.headers.map {
                String(decoding: $0.name, as: UTF8.self).lowercased()
            }
            if !names.contains("host") {
                request.headers.insert((Array("Host".utf8), Array(place.host.utf8)), at: 0)
            }
            request.body = source["postData"]?["text"]?.bytes ?? []
            if let response = entry["response"] {
                request.status = response["status"]?.integer ?? 200
                request.responseHeaders = fields(response["headers"])
                let content = response["content"]
                let text = content?["text"]?.bytes ?? []
                let isEncoded = content?["encoding"]?.text == "base64"
                request.responseBody = isEncoded ? Base64.decode(text) ?? [] : text
            }
            return request
        }
    }

    private static func fields(_ list: JSONValue?) -> [RuleRequest.Field] {
        (list?.array ?? []).map { ($0["name"]?.bytes ?? [], $0["value"]?.bytes ?? []) }
    }
}

/// Host and target of an address as a browser shows it.
struct URLPlace {
    let host: String
    let target: String

    init(_ text: String) {
        let withoutFragment = text.prefix { $0 != "#" }
        guard let scheme = withoutFragment.firstRange(of: "://") else {
            if withoutFragment.hasPrefix("/") {
                host = "localhost"
                target = String(withoutFragment)
            } else {
                host = String(withoutFragment.prefix { $0 != "/" && $0 != "?" })
                let rest = withoutFragment.dropFirst(host.count)
                target = rest.hasPrefix("/") ? String(rest) : "/\(rest)"
            }
            return
        }
        let rest = withoutFragment[scheme.upperBound...]
        host = String(rest.prefix { $0 != "/" && $0 != "?" })
        let path = rest.dropFirst(host.count)
        target = path.hasPrefix("/") ? String(path) : "/\(path)"
    }
}
