import Glibc
import Synchronization
import Transport

/// How the rooms of this process pass from one program to the next while both run (`docs/waiting-room.md`).
///
/// Exactly one of them has a room at any moment. Once the older one has offered it, it is the older one's no more,
/// whatever the newer one says or fails to say: that one has taken it, or goes on from what was written, when the older
/// one has let go of the files.
extension RoomRegistry {
    /// Whether all rooms are here, so that they can be handed on.
    var hasSettled: Bool { !isAwaiting && !roomsHere.contains { $0.store.isComing } }

    /// Whether the process before still has to say which rooms it has.
    var isAwaiting: Bool { predecessor != nil && !hasSucceeded.load(ordering: .relaxed) }

    /// The older process: a link to the one that is about to start.
    func openSuccession() -> (link: SuccessionLink, other: Int32)? {
        guard let pair = SuccessionLink.pair() else { return nil }
        pair.link.begin(secret: drawnSecret)
        return pair
    }

    /// The older process: sends every room that lives here to the one that is ready to serve.
    func handOver(to heir: SuccessionLink) {
        if !heir.isGreeted() {
            report("the successor does not take rooms over; it goes on from what was written", [:])
        }
        for (name, store, log) in roomsHere {
            store.depart(to: heir, log: log, now: Self.milliseconds()) { [report] isTaken in
                guard !isTaken else { return }
                report(
                    "a room was not taken over; it goes on from what was written",
                    ["room": name]
                )
            }
        }
        heir.end()
    }

    /// The newer process: takes what it is sent, and answers what the older one's last connections ask.
    func serve(_ predecessor: SuccessionLink) throws(SystemError) {
        try predecessor.serve(
            SuccessionLink.Handler(
                take: { [self] in take($0, record: $1, log: $2) },
                answer: { [self] room, question in
                    roomHere(room)?.store.askWaiting(question, now: Self.milliseconds())
                },
                end: { [self] in openRest(isOrderly: $0) }
            )
        )
    }

    private func take(_ name: String, record text: String, log: String) -> Bool {
        guard let (store, receipts) = roomHere(name) else { return false }
        guard let record = QueueLuggage.unpack(record: text, log: log) else {
            refused.withLock { _ = $0.insert(name) }
            report("a room that was sent cannot be read", ["room": name])
            return false
        }
        let journal = try? journal(name)
        if stateDirectory != nil, journal == nil { reportUnwritten(name) }
        // The chain first: what is admitted here belongs behind it.
        receipts.proceed(from: log)
        return store.arrive(record, journal: journal, now: Self.milliseconds())
    }

    /// Rooms that the older process does not have, or that it cannot send any more: from what was written, or anew.
    func openRest(isOrderly: Bool) {
        hasSucceeded.store(true, ordering: .relaxed)
        guard !isOpening.exchange(true, ordering: .acquiringAndReleasing) else { return }
        guard !openComing(isOrderly: isOrderly) else {
            return isOpening.store(false, ordering: .releasing)
        }
        // While another process has a room's files it may have the room, so nobody is admitted here.
        report("another process has the files of a room: nobody is let in until it lets go", [:])
        do throws(SystemError) {
            try Thread.start { [self] in
                while !openComing(isOrderly: isOrderly) { usleep(50_000) }
                isOpening.store(false, ordering: .releasing)
            }
        } catch {
            isOpening.store(false, ordering: .releasing)
            reportClosed(error)
        }
    }

    /// Opens rooms that another process has the files of, on a thread that may wait for it.
    func startOpening() {
        do throws(SystemError) {
            try Thread.start { [self] in openRest(isOrderly: false) }
        } catch {
            reportClosed(error)
        }
    }

    private func reportClosed(_ error: SystemError) {
        report("rooms stay closed: reload to try again", ["error": error.description])
    }

    /// Opens what is not here yet; false if another process has the files of a room.
    private func openComing(isOrderly: Bool) -> Bool {
        var isWhole = true
        for (name, store, _) in roomsHere where store.isComing {
            do throws(QueueJournal.Problem) {
                let journal = try journal(name)
                store.open(
                    journal: journal,
                    knowsSessions: isOrderly && !refused.withLock { $0.contains(name) },
                    now: Self.milliseconds()
                )
            } catch .taken {
                isWhole = false
            } catch {
                reportUnwritten(name)
                store.open(journal: nil, knowsSessions: false, now: Self.milliseconds())
            }
        }
        return isWhole
    }
}
