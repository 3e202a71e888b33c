import Foundation

/// Where mails go.
protocol MailTransport: Sendable {
    /// Hands a mail over. Doing it twice with one message is at worst the same mail twice.
    func send(_ message: MailMessage, at now: Milliseconds) async throws
}

/// Puts mails into a folder as files, for trying out and for relays that watch a folder.
///
/// The file is named after the message, so that sending twice leaves one.
struct MailSpool: MailTransport {
    let folder: String

    func send(_ message: MailMessage, at now: Milliseconds) async throws {
        let manager = FileManager.default
        try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let name = message.identifier.map { character in
            character.isLetter || character.isNumber || ".-@".contains(character) ? character : "_"
        }
        let path = "\(folder)/\(String(name)).eml"
        // Written aside and moved, so that nobody reads half a mail.
        try Data(message.encoded(at: now).utf8).write(to: URL(filePath: path), options: .atomic)
    }
}
