import FoundationEssentials

/// A mail with a text for every reader, one for readers of HTML, and attachments (RFC 5322, RFC 2045 to 2049).
struct MailMessage: Sendable {
    struct Attachment: Sendable {
        let name: String
        let type: String
        let bytes: [UInt8]
    }

    /// The same for every attempt to send this mail, so that a reader can tell a repetition.
    let identifier: String
    let from: String
    let to: String
    let subject: String
    let text: String
    let html: String
    var attachments: [Attachment] = []

    /// The whole message.
    func encoded(at now: Milliseconds) -> String {
        let mark = Token.hash(identifier).prefix(24)
        var lines = [
            "From: \(from)", "To: \(to)", "Subject: \(Self.word(subject))",
            "Date: \(Self.date(now))", "Message-ID: <\(identifier)>", "MIME-Version: 1.0",
            "Auto-Submitted: auto-generated",
            "Content-Type: multipart/mixed; boundary=\"mixed-\(mark)\"", "",
            "--mixed-\(mark)", "Content-Type: multipart/alternative; boundary=\"either-\(mark)\"",
            "",
        ]
        lines += Self.part("either-\(mark)", "text/plain; charset=utf-8", Array(text.utf8))
        lines += Self.part("either-\(mark)", "text/html; charset=utf-8", Array(html.utf8))
        lines += ["--either-\(mark)--", ""]
        for attachment in attachments {
            lines += Self.part(
                "mixed-\(mark)",
                attachment.type,
                attachment.bytes,
                disposition: "attachment; filename=\"\(attachment.name)\""
            )
        }
        lines += ["--mixed-\(mark)--", ""]
        return lines.joined(separator: "\r\n")
    }

    private static func part(
        _ boundary: String,
        _ type: String,
        _ bytes: [UInt8],
        disposition: String? = nil
    ) -> [String] {
        var lines = ["--\(boundary)", "Content-Type: \(type)", "Content-Transfer-Encoding: base64"]
        if let disposition { lines.append("Content-Disposition: \(disposition)") }
        let text = Array(Data(bytes).base64EncodedString().utf8)
        lines.append("")
        for start in stride(from: 0, to: text.count, by: 76) {
            let end = min(start + 76, text.count)
            lines.append(String(decoding: text[start..<end], as: UTF8.self))
        }
        return lines + [""]
    }

    /// A header's text: as it is if it is plain, else as an encoded word; never more than one line.
    private static func word(_ text: String) -> String {
        let line = String(text.map { $0.isNewline ? " " : $0 })
        if line.utf8.allSatisfy({ (32..<127).contains($0) }) { return line }
        // Words of 45 bytes at most, cut between characters.
        var words: [String] = []
        var current = ""
        for character in line {
            if current.utf8.count + String(character).utf8.count > 45 {
                words.append(current)
                current = ""
            }
            current.append(character)
        }
        words.append(current)
        return words.map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }
            .joined(separator: "\r\n ")
    }

    private static func date(_ moment: Milliseconds) -> String {
        let date = CalendarDate(moment)
        let words = date.longDate.split(separator: " ")
        let seconds = date.second < 10 ? "0\(date.second)" : "\(date.second)"
        return "\(words[0]), \(date.day) \(words[2].prefix(3)) \(date.year) "
            + "\(date.clockTime):\(seconds) +0000"
    }
}
