import Transport

/// Lets every ticket in once.
struct DoorDesk: Sendable {
    /// One scan as a scanner sends it.
    struct Scan: Decodable, Sendable {
        let qr: String
        let gate: String
        /// The event at the door, if the scanner knows it.
        let event: String?
        /// When the ticket was scanned, for those that are sent later.
        let at: String?

        /// The same; throws `invalid-body` if it cannot be a scanner's.
        func checked() throws(Problem) -> Scan {
            guard (1...40).contains(gate.utf8.count), qr.utf8.count <= 200 else {
                throw Problem.invalidBody("gate has 1 to 40 characters, qr at most 200")
            }
            if let at, Milliseconds(timestamp: at) == nil {
                throw Problem.invalidBody("at is a time as in RFC 3339")
            }
            return self
        }
    }

    /// What a scan came to.
    struct Result: Encodable, Sendable {
        /// `ok`, `already`, `void`, `wrong-event` or `invalid`.
        let result: String
        var serial: String?
        var holder: String?
        var label: String?
        var section: String?
        var firstAt: String?
        var gate: String?
    }

    /// The scans of one upload.
    static let batchLimit = 500

    let database: Database
    let catalog: EventCatalog
    let key: Ed25519PublicKey
    /// The same key as scanners read it.
    let keyPEM: String
    let mint: IdentifierMint
    let clock: WallClock

    /// The events that a scan may name, by slug.
    func listings(of scans: [Scan]) async throws -> [Int64: Listing] {
        var listings: [Int64: Listing] = [:]
        for scan in scans {
            guard let code = TicketCode.verified(scan.qr, with: key),
                listings[code.event] == nil
            else { continue }
            do { listings[code.event] = try await catalog.listing(id: code.event) } catch let
                problem as Problem where problem == .notFound
            { continue }
        }
        return listings
    }

    /// Judges a scan and lets the ticket in if it is good, in the caller's transaction.
    func admit(_ scan: Scan, _ listings: [Int64: Listing], _ connection: SQLConnection) throws
        -> Result
    {
        guard let code = TicketCode.verified(scan.qr, with: key),
            let found = try OrderRows.ticket(id: code.ticket, connection),
            found.event == code.event, let listing = listings[code.event]
        else { return Result(result: "invalid") }
        let ticket = found.ticket
        let now = clock.now()
        let place = listing.map.place(section: ticket.section, seat: ticket.seat)
        var result = Result(
            result: "ok",
            serial: ticket.serial,
            holder: ticket.holder,
            label: place.label,
            section: place.section
        )
        if let event = scan.event, event != listing.event.slug {
            result = Result(result: "wrong-event", serial: ticket.serial)
        } else if !ticket.isValid {
            result = Result(result: "void", serial: ticket.serial)
        } else if try !use(ticket, scan, at: now, connection) {
            let used = try OrderRows.ticket(id: ticket.id, connection)?.ticket
            // Until now it could have been used by somebody else, or given back.
            result = Result(
                result: used?.isValid == true ? "already" : "void",
                serial: ticket.serial,
                holder: ticket.holder,
                label: place.label,
                section: place.section,
                firstAt: used?.usedAt?.timestamp,
                gate: used?.usedGate
            )
        }
        try note(result.result, ticket, scan, at: now, connection)
        return result
    }

    /// The ticket's row decides who goes in with it.
    private func use(
        _ ticket: Ticket,
        _ scan: Scan,
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws -> Bool {
        let scannedAt = scan.at.flatMap(Milliseconds.init(timestamp:)) ?? now
        return try connection.run(
            """
            UPDATE tickets SET used_at = ?, used_gate = ? WHERE id = ? AND state = 0 AND used_at IS NULL
            """,
            [min(scannedAt, now), scan.gate, ticket.id]
        ) == 1
    }

    private func note(
        _ result: String,
        _ ticket: Ticket,
        _ scan: Scan,
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws {
        let number = ["ok", "already", "void", "wrong-event"].firstIndex(of: result) ?? 4
        try connection.run(
            "INSERT INTO checkins(id, ticket_id, gate, result, at) VALUES(?, ?, ?, ?, ?)",
            [mint.next(), ticket.id, scan.gate, number, now]
        )
    }

    /// What a scanner needs to work without us: our key, and the tickets it must not let in although we signed them.
    struct Manifest: Encodable, Sendable {
        let event: String
        let eventId: String
        let algorithm = "Ed25519"
        let prefix = "BMH1."
        /// PEM.
        let keys: [String]
        let revoked: [String]
        let generatedAt: String
    }

    /// The manifest of an event.
    func manifest(of listing: Listing) async throws -> Manifest {
        let revoked = try await database.read { connection in
            try connection.rows(
                "SELECT id FROM tickets WHERE event_id = ? AND state = 1 ORDER BY id",
                [listing.event.id]
            ) { String(try $0.integer(0)) }
        }
        return Manifest(
            event: listing.event.slug,
            eventId: String(listing.event.id),
            keys: [keyPEM],
            revoked: revoked,
            generatedAt: clock.now().timestamp
        )
    }
}
