/// Hands mails to a relay.
///
/// A relay that took a mail and died before it said so gets it again: the `Message-ID` is the same, so that readers and
/// relays can tell.
struct SMTPTransport: MailTransport {
    /// Where the relay is.
    struct Relay: Sendable {
        /// `smtp://host:587`, or `smtps://host:465`.
        let url: String
        var user: String?
        var password: String?
        /// Certificates (PEM) that vouch for the relay, in place of the system's.
        var authorities: String?
        /// Only for a relay on the same machine: without it a relay that does not encrypt gets no mail.
        var mayBePlain = false
    }

    /// The relay said no. A status of 500 and above is final: trying again would not help.
    struct Refused: Error, CustomStringConvertible {
        let status: Int

        var description: String { "the relay answered \(status)" }
    }

    let relay: Relay
    let desk: TransferDesk

    func send(_ message: MailMessage, at now: Milliseconds) async throws {
        var transfer = Transfer(
            url: relay.url,
            action: .mail(
                from: Self.mailbox(message.from),
                to: Self.mailbox(message.to),
                message: Array(message.encoded(at: now).utf8)
            )
        )
        transfer.user = relay.user
        transfer.password = relay.password
        transfer.authorities = relay.authorities
        transfer.requiresEncryption = !relay.mayBePlain
        let answer = try await desk.perform(transfer)
        guard (200..<300).contains(answer.status) else { throw Refused(status: answer.status) }
    }

    /// The bare address of somebody who may have a name before it.
    private static func mailbox(_ text: String) -> String {
        guard let start = text.lastIndex(of: "<") else { return text }
        return String(text[text.index(after: start)...].prefix { $0 != ">" })
    }
}
