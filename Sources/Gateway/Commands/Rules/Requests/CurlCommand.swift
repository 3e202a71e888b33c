import Rules

/// A request from a curl command line, as browsers copy it.
struct CurlCommand {
    private var request = RuleRequest()
    private var place: URLPlace?
    private var data: [String] = []
    private var isMethodGiven = false
    private var isGet = false

    static func request(_ words: [String]) throws -> RuleRequest {
        var command = CurlCommand()
        var rest = words.dropFirst()
        while let word = rest.popFirst() { try command.take(word, &rest) }
        return try command.finish()
    }

    private mutating func take(_ word: String, _ rest: inout ArraySlice<String>) throws {
        func value() throws -> String {
            guard let value = rest.popFirst() else {
                throw RegressionProblem(description: "curl: \(word) needs a value")
            }
            return value
        }
        switch word {
        case "-X", "--request":
            request.method = Array(try value().utf8)
            isMethodGiven = true
        case "-H", "--header": add(header: try value())
        case "-A", "--user-agent": add("User-Agent", try value())
        case "-e", "--referer": add("Referer", try value())
        case "-b", "--cookie": add("Cookie", try value())
        case "-u", "--user": add("Authorization", "Basic \(try value())")
        case "-d", "--data", "--data-raw", "--data-binary", "--data-ascii": data.append(try value())
        case "--data-urlencode": data.append(Self.urlEncoded(try value()))
        case "--json":
            data.append(try value())
            add("Content-Type", "application/json")
        case "-G", "--get": isGet = true
        case "-I", "--head":
            request.method = Array("HEAD".utf8)
            isMethodGiven = true
        case "--url": place = URLPlace(try value())
        case "-o", "--output", "--cacert", "--max-time", "-m", "--resolve", "-x", "--proxy":
            _ = try value()
        default:
            if word.hasPrefix("-X"), word.count > 2 {
                request.method = Array(word.dropFirst(2).utf8)
                isMethodGiven = true
            } else if !word.hasPrefix("-") {
                place = URLPlace(word)
            }
        }
    }

    private mutating func add(_ name: String, _ value: String) {
        request.headers.append((Array(name.utf8), Array(value.utf8)))
    }

    private mutating func add(header: String) {
        guard let colon = header.firstIndex(of: ":") else { return }
        let value = header[header.index(after: colon)...].drop { $0 == " " }
        add(String(header[..<colon]), String(value))
    }

    private func has(_ name: String) -> Bool {
        request.headers.contains { String(decoding: $0.name, as: UTF8.self).lowercased() == name }
    }

    private mutating func finish() throws -> RuleRequest {
        guard let place else { throw RegressionProblem(description: "curl: there is no address") }
        var target = place.target
        let body = data.joined(separator: "&")
        if isGet, !body.isEmpty {
            target += (target.contains("?") ? "&" : "?") + body
        } else if !data.isEmpty {
            request.body = Array(body.utf8)
            if !isMethodGiven { request.method = Array("POST".utf8) }
            if !has("content-type") { add("Content-Type", "application/x-www-form-urlencoded") }
            if !has("content-length") { add("Content-Length", "\(request.body.count)") }
        }
        request.target = Array(target.utf8)
        if !has("host") {
            request.headers.insert((Array("Host".utf8), Array(place.host.utf8)), at: 0)
        }
        if !has("user-agent") { add("User-Agent", "curl/8.0") }
        if !has("accept") { add("Accept", "*/*") }
        return request
    }

    /// `name=value` with the value escaped.
    private static func urlEncoded(_ text: String) -> String {
        let name = text.contains("=") ? text.prefix { $0 != "=" } + "=" : ""
        let value = text.dropFirst(name.count).utf8
        return name
            + value.map { byte -> String in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                    return String(UnicodeScalar(byte))
                default:
                    let digits = String(byte, radix: 16, uppercase: true)
                    return "%" + (digits.count == 1 ? "0" : "") + digits
                }
            }
            .joined()
    }
}

/// Splits a command line as a shell does: quotes, backslashes, `$'...'` as browsers write it.
enum ShellWords {
    static func split(_ text: String) throws -> [String] {
        var words: [String] = []
        var word: String?
        var rest = Substring(text)
        while let character = rest.popFirst() {
            switch character {
            case "'": word = (word ?? "") + (try quoted(&rest, "'"))
            case "\"": word = (word ?? "") + (try quoted(&rest, "\""))
            case "$" where rest.first == "'":
                rest.removeFirst()
                word = (word ?? "") + (try quoted(&rest, "$"))
            case "\\":
                guard let next = rest.popFirst() else { break }
                if next != "\n" && next != "\r\n" { word = (word ?? "") + String(next) }
            case " ", "\t", "\n", "\r\n":
                if let done = word { words.append(done) }
                word = nil
            default: word = (word ?? "") + String(character)
            }
        }
        if let word { words.append(word) }
        return words
    }

    private static func quoted(_ rest: inout Substring, _ kind: Character) throws -> String {
        var text = ""
        let end: Character = kind == "\"" ? "\"" : "'"
        while let character = rest.popFirst() {
            if character == end { return text }
            if character == "\\", kind != "'", let next = rest.popFirst() {
                text += kind == "$" ? escape(next, &rest) : next == "\n" ? "" : String(next)
            } else {
                text.append(character)
            }
        }
        throw RegressionProblem(description: "a quote is not closed")
    }

    private static func escape(_ character: Character, _ rest: inout Substring) -> String {
        switch character {
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "u", "x":
            let digits = rest.prefix(character == "u" ? 4 : 2)
            guard let number = UInt32(digits, radix: 16), let scalar = UnicodeScalar(number) else {
                return String(character)
            }
            rest = rest.dropFirst(digits.count)
            return String(scalar)
        default: return String(character)
        }
    }
}
