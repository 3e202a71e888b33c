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
    /// No mail can be put there.
    struct Unusable: Error, CustomStringConvertible {
        let description: String
    }

    let folder: String

    /// Makes the folder and tries it.
    func prepare() throws {
        let folder = URL(filePath: folder)
        let trial = folder.appending(path: ".trial-\(UUID().uuidString)")
        do {
            let manager = FileManager.default
            try manager.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data().write(to: trial)
            try manager.removeItem(at: trial)
        } catch {
            throw Self.unusable(folder.path, Self.reason(error))
        }
    }

    /// Throws what `prepare` would, as far as can be told without making anything.
    func check() throws {
        if let obstacle = StateFolder.obstacle(toMaking: folder) {
            throw Self.unusable(folder, obstacle)
        }
    }

    private static func unusable(_ folder: String, _ reason: String) -> Unusable {
        Unusable(
            description: """
                mails cannot be put into the folder \(folder), \(reason): \
                name another with --mail-spool (BMH_MAIL_SPOOL), or a relay with BMH_SMTP_URL
                """
        )
    }

    /// What the system said, without the names that Foundation adds.
    private static func reason(_ error: any Error) -> String {
        guard let cause = (error as? CocoaError)?.underlying as? POSIXError else {
            return error.localizedDescription
        }
        return unsafe String(cString: strerror(cause.code.rawValue))
    }

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
