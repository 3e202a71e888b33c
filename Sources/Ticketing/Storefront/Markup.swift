import Mustache

/// Text inside markup that is not made by a template.
enum Markup {
    /// How the templates escape text. The library's own way looks at whole characters, and so passes over a quotation
    /// mark that a combining accent follows; browsers do not.
    struct Content: MustacheContentType {
        func escapeText(_ text: String) -> String { Markup.escape(text) }
    }

    /// The text with everything escaped that could end an element or an attribute.
    static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
