/// What must not come about by mistake once strangers buy: a sale that brings no money, and tickets that reach nobody.
extension ServeOptions {
    /// Refuses the sandbox where nobody chose it, and warns of what was chosen.
    static func checkSale(
        to shop: Shop.Settings,
        _ isProviderChosen: Bool,
        _ reader: inout SettingsReader
    ) {
        guard shop.isPublic else { return }
        if case .sandbox = shop.payments {
            checkSandbox(shop.publicOrigin, isProviderChosen, &reader)
        }
        if shop.roles.contains(.worker), shop.mailFrom.contains("@localhost") {
            reader.warn("mails come from \(shop.mailFrom), which relays refuse; set BMH_MAIL_FROM")
        }
        if shop.keepsMails {
            reader.warn(
                "mails are kept as files in \(shop.mailSpool) and are not sent; name a relay with BMH_SMTP_URL"
            )
        }
    }

    private static func checkSandbox(
        _ origin: String,
        _ isChosen: Bool,
        _ reader: inout SettingsReader
    ) {
        guard !isChosen else {
            return reader.warn(
                "BMH_PAYMENTS is the sandbox: visitors of \(origin) get tickets and pay nothing"
            )
        }
        reader.note(
            """
            BMH_PAYMENTS: nobody said who takes the money of visitors of \(origin), and the sandbox takes \
            none; set BMH_PAYMENTS=stripe with BMH_STRIPE_KEY_FILE and BMH_STRIPE_WEBHOOK_KEY_FILE, or \
            for a trial BMH_PAYMENTS=sandbox
            """
        )
    }
}

extension Shop.Settings {
    /// Whether strangers come: over TLS, and not from the machine itself.
    var isPublic: Bool {
        guard publicOrigin.hasPrefix("https://") else { return false }
        let authority = publicOrigin.lowercased().dropFirst(8).prefix { $0 != "/" }
        let host =
            authority.hasPrefix("[")
            ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
        let isLoopback = host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." }
        return !isLoopback && !["localhost", "::1"].contains(host) && !host.hasSuffix(".localhost")
    }

    /// Whether this process puts mails into a folder.
    var keepsMails: Bool { roles.contains(.worker) && mailRelay == nil }

    /// Throws if mails could not be put there, and makes nothing.
    func checkSpool() throws {
        if keepsMails { try MailSpool(folder: mailSpool).check() }
    }

    /// Makes that folder; throws if no mail can be put there.
    func prepareSpool() throws {
        if keepsMails { try MailSpool(folder: mailSpool).prepare() }
    }
}
