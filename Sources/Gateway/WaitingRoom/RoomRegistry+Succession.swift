import Glibc
import Synchronization
import Transport

/// How the rooms of this process pass from one program to the next while both run (`docs/waiting-room.md`).
extension RoomRegistry {
    /// The older process: a link to the one that is about to start.
    func openSuccession() -> (link: SuccessionLink, other: Int32)? {
        guard let pair = SuccessionLink.pair() else { return nil }
        pair.link.begin(secret: drawnSecret)
        return pair
    }

    /// The older process: sends every room that lives here to the one that is ready to serve.
    func handOver(to heir: SuccessionLink) {
        for (name, store, log) in roomsHere {
            guard store.depart(to: heir, room: name, log: log) else {
                report("a room could not be handed over; it stays here", ["room": name])
                continue
            }
        }
        heir.end()
    }

    /// The newer process: takes what it is sent, and answers what the older one's last connections ask.
    func serve(_ predecessor: SuccessionLink) {
        predecessor.serve(
            SuccessionLink.Handler(
                take: { [self] in take($0, record: $1, log: $2) },
                answer: { [self] room, question in
                    roomHere(room)?.store.ask(question, now: Self.milliseconds())
                },
                end: { [self] in openRest(knowsSessions: $0) }
            )
        )
    }

    private func take(_ name: String, record text: String, log: String) -> Bool {
        guard let record = QueueRecord(text: text), let (store, receipts) = roomHere(name) else {
            return false
        }
        // The chain first: what is admitted here belongs behind it.
        receipts.proceed(from: log)
        return store.arrive(record, journal: journal(name), now: Self.milliseconds())
    }

    /// Rooms that the older process does not have, or that it cannot send any more: from what was written, or anew.
    private func openRest(knowsSessions: Bool) {
        hasSucceeded.store(true, ordering: .relaxed)
        for (name, store, _) in roomsHere where store.isComing {
            store.open(
                journal: journalOfTheGone(name),
                knowsSessions: knowsSessions,
                now: Self.milliseconds()
            )
        }
    }

    /// The system takes a moment to let go of the files of a process that ends.
    private func journalOfTheGone(_ room: String) -> QueueJournal? {
        guard stateDirectory != nil else { return nil }
        for _ in 0..<40 {
            if let journal = journal(room) { return journal }
            usleep(50_000)
        }
        return nil
    }
}
