/// The mails of the shop, in words.
struct ShopMail: Sendable {
    let publicOrigin: String
    let from: String
    let secret: OrderSecret

    /// The link that opens an order for whoever received the mail.
    func link(to order: Order) -> String {
        "\(publicOrigin)/orders/\(order.code)?key=\(secret.text(for: order.code))"
    }

    /// The mail that proves an address.
    func verification(to address: String, token: String) -> MailMessage {
        message(
            "verify-\(Token.hash(token).prefix(32))",
            to: address,
            subject: "Confirm your e-mail address",
            paragraphs: [
                "Somebody made an account with this address. If it was you, confirm it:",
                "\(publicOrigin)/verify?token=\(token)", "The link works for a day.",
            ]
        )
    }

    /// The mail that lets somebody choose a new password.
    func reset(to address: String, token: String) -> MailMessage {
        message(
            "reset-\(Token.hash(token).prefix(32))",
            to: address,
            subject: "Choose a new password",
            paragraphs: [
                "Somebody asked for a new password for this address. If it was you:",
                "\(publicOrigin)/reset?token=\(token)",
                "The link works for an hour. If it was not you, nothing has changed.",
            ]
        )
    }

    /// The mail that brings the tickets.
    func tickets(_ papers: TicketPapers, pdf: [UInt8]) -> MailMessage {
        var message = message(
            "tickets-\(papers.order.code)",
            to: papers.order.email,
            subject: "Your tickets for \(papers.listing.event.title)",
            paragraphs: [
                "Thank you. Your tickets are attached; the code on each is checked at the door.",
                "\(papers.when), \(papers.venue)",
                "Your order \(papers.order.code): \(link(to: papers.order))",
            ]
        )
        message.attachments = [
            MailMessage.Attachment(
                name: "tickets-\(papers.order.code).pdf",
                type: "application/pdf",
                bytes: pdf
            ),
            MailMessage.Attachment(
                name: "event.ics",
                type: "text/calendar; charset=utf-8",
                bytes: Array(papers.calendar.utf8)
            ),
        ]
        return message
    }

    /// The mail about money that went back.
    func refund(_ order: Order, title: String, identifier: String) -> MailMessage {
        message(
            "refund-\(order.code)-\(identifier)",
            to: order.email,
            subject: "Money on its way back for \(title)",
            paragraphs: [
                "We returned money for order \(order.code).",
                "So far \(Money(amount: order.refunded, currency: order.currency).description) of "
                    + "\(Money(amount: order.total, currency: order.currency).description).",
                link(to: order),
            ]
        )
    }

    /// The mail to somebody whose money came too late.
    func sorry(_ order: Order, title: String) -> MailMessage {
        message(
            "sorry-\(order.code)",
            to: order.email,
            subject: "Your payment for \(title) came too late",
            paragraphs: [
                "Your payment for order \(order.code) reached us after its time was over, and the "
                    + "event had begun, or the seats or its voucher had gone.",
                "All of the money goes back to you.", link(to: order),
            ]
        )
    }

    /// The mail to somebody who paid for an event that was cancelled.
    func cancelled(_ order: Order, title: String) -> MailMessage {
        let open = Money(amount: order.total - order.refunded, currency: order.currency)
        return message(
            "cancelled-\(order.code)",
            to: order.email,
            subject: "\(title) is cancelled",
            paragraphs: [
                "\(title) will not take place. The tickets of order \(order.code) are no longer valid.",
                open.amount > 0
                    ? "\(open.description) go back to you the way they came; another mail tells you when."
                    : "There is no money to give back.",
                link(to: order),
            ]
        )
    }

    /// The mail to somebody who has not paid yet.
    func reminder(_ order: Order, title: String) -> MailMessage {
        message(
            "reminder-\(order.code)",
            to: order.email,
            subject: "Your seats for \(title) are waiting",
            paragraphs: [
                "Order \(order.code) is not paid yet. The seats are yours for five more minutes.",
                link(to: order),
            ]
        )
    }

    private func message(
        _ identifier: String,
        to address: String,
        subject: String,
        paragraphs: [String]
    ) -> MailMessage {
        let html = paragraphs.map { text in
            let escaped = Markup.escape(text)
            guard text.hasPrefix(publicOrigin) else { return "<p>\(escaped)</p>" }
            return "<p><a href=\"\(escaped)\">\(escaped)</a></p>"
        }
        let host = from.split(separator: "@").last.map(String.init) ?? "localhost"
        return MailMessage(
            identifier: "\(identifier)@\(host.filter { $0 != ">" })",
            from: from,
            to: address,
            subject: subject,
            text: paragraphs.joined(separator: "\r\n\r\n") + "\r\n",
            html: "<!doctype html><html lang=\"en\"><body>\(html.joined())</body></html>\r\n"
        )
    }
}
