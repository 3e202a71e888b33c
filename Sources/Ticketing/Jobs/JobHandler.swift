/// Knows how to do each job.
struct JobHandler: Sendable {
    struct Unknown: Error {}
    /// This worker was started without the Redis that others keep sessions in.
    struct NoRedis: Error {}

    let database: Database
    let catalog: EventCatalog
    let cancellation: EventCancellation
    let payments: PaymentDesk
    let sessions: SessionStore
    let transport: any MailTransport
    let mail: ShopMail
    let clock: WallClock
    /// Draws the tickets of mails.
    let press = LowPriorityThread()

    /// Does a job and returns the name of its effect; nil if there was nothing to do any more.
    typealias Deed = @Sendable () async throws -> String?

    /// Gets ready whatever may take long and changes nothing, and returns what does the job.
    func prepare(_ job: JobRunner.Job) async throws -> Deed {
        guard let topic = Outbox.Topic(rawValue: job.topic) else { throw Unknown() }
        switch topic {
        case .mailVerify:
            guard let address = try await address(of: job) else { return { nil } }
            return send(mail.verification(to: address, token: job.payload))
        case .mailReset:
            guard let address = try await address(of: job) else { return { nil } }
            return send(mail.reset(to: address, token: job.payload))
        case .cancelPayment:
            return {
                try await payments.callOff(job.reference)
                return "psp.cancel-\(job.reference)"
            }
        case .endSession:
            return {
                // One who keeps sessions in Redis asked for it; this worker cannot, another may.
                guard let mirror = sessions.mirror else { throw NoRedis() }
                try await mirror.remove(job.reference)
                return nil
            }
        case .cancelEvent:
            guard let event = Int64(job.reference) else { throw Unknown() }
            let pass = EventCancellation.Pass(payload: job.payload)
            return {
                try await cancellation.findOrders(of: event, pass)
                return nil
            }
        case .cancelOrder:
            return {
                try await cancellation.end(code: job.reference)
                return nil
            }
        case .mailTickets, .mailRefund, .mailSorry, .mailReminder, .mailCancelled:
            guard let message = try await write(topic, job) else { return { nil } }
            return send(message)
        }
    }

    /// Where the mail to an account goes; nil if there is no such account any more. Jobs of older programs name the
    /// address itself.
    private func address(of job: JobRunner.Job) async throws -> String? {
        if job.reference.contains("@") { return job.reference }
        guard let account = Int64(job.reference) else { throw Unknown() }
        return try await database.glance {
            try $0.first("SELECT email FROM users WHERE id = ?", [account]) { try $0.text(0) }
        }
    }

    /// The mail about an order; nil if there is nothing to say any more.
    private func write(_ topic: Outbox.Topic, _ job: JobRunner.Job) async throws -> MailMessage? {
        let contents = try await database.glance { try OrderContents.read(job.reference, $0) }
        guard let contents else { return nil }
        let order = contents.order
        let listing = try await catalog.listing(id: order.eventId)
        let title = listing.event.title
        switch topic {
        case .mailTickets:
            let papers = TicketPapers(order: order, tickets: contents.tickets, listing: listing)
            guard let pdf = try await press.run({ try papers.pdf() }) else { return nil }
            return mail.tickets(papers, pdf: pdf)
        case .mailRefund:
            return mail.refund(order, title: title, identifier: job.payload)
        case .mailReminder:
            guard order.state == .pending else { return nil }
            return mail.reminder(order, title: title)
        case .mailCancelled: return mail.cancelled(order, title: title)
        default: return mail.sorry(order, title: title)
        }
    }

    private func send(_ message: MailMessage) -> Deed {
        return {
            try await transport.send(message, at: clock.now())
            return message.identifier
        }
    }
}
