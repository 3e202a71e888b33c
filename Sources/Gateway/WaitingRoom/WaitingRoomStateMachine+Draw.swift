/// Those who come before an opening, whose order is drawn.
extension WaitingRoomStateMachine {
    /// Notes somebody who came before an opening, with the count as the own number; nil if there are too many, or it is
    /// over. The first says when it is and with which keys its order is drawn; later the rules can move it.
    mutating func register(opensAt: Int64, key: Int64, now: Int64) -> QueueRegistration? {
        expire(now)
        drawIfDue(now)
        guard now < opensAt else { return nil }
        if !isRegistering {
            let name = QueueRegistration.name(opensAt: opensAt, after: draw.name)
            registration = QueueRegistration(name: name, opensAt: opensAt, key: key)
            withdrawn = []
        }
        guard registration.count < rules.queueLimit else { return nil }
        registration.count += 1
        return registration
    }

    /// Notes that one of those who registered left; false if that is not known of them.
    mutating func withdraw(_ index: Int64, of name: Int64, epoch: Int64) -> Bool {
        guard epoch == self.epoch, name > 0, name == registration.name, index >= 1,
            index <= registration.count
        else { return false }
        return withdrawn.insert(index).inserted
    }

    /// Takes out some of those who left before a draw, once it was.
    mutating func takeWithdrawn(from draw: QueueDraw, limit: Int) -> [Int64] {
        guard !withdrawn.isEmpty, draw.name == self.draw.name, draw.name == registration.name else {
            return []
        }
        let taken = Array(withdrawn.prefix(limit))
        withdrawn.subtract(taken)
        return taken
    }

    /// Whether people are registered whose order is still to be drawn.
    var isRegistering: Bool { registration.name > draw.name }

    /// Gives those who registered their numbers, all at once: who gets which follows from the seed.
    mutating func drawIfDue(_ now: Int64) {
        guard isRegistering, now >= registration.opensAt else { return }
        draw = QueueDraw(
            name: registration.name,
            after: line.tail,
            count: registration.count,
            key: registration.key
        )
        line.append(count: registration.count, aliveUntil: now + 12_000)
    }
}
