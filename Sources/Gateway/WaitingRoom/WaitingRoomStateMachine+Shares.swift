/// Who goes after others because many came in from the same place: `CrowdCaps`.
extension WaitingRoomStateMachine {
    /// Admissions as the caps count them.
    private var admissionTime: Int64 { figures.admissions * CrowdCaps.admission }

    /// How many admissions somebody who was held back has to wait yet; nil if no more, or if nobody else is there.
    mutating func held(_ position: Int64, _ now: Int64) -> Int64? {
        guard rules.hasCaps, let due = caps.due(of: position), due > admissionTime else {
            return nil
        }
        caps.keep(position, until: now + rules.graceMilliseconds)
        release(now)
        let hasRoom =
            isAdmitting(now) && line.serving == line.tail
            && Int64(active.count + reserved.count) < rules.capacity
            && releases.available(rules) > 0
        return hasRoom || reserved[position] != nil
            ? nil : CrowdCaps.admissions(until: due, from: admissionTime)
    }

    /// Gives the slot of somebody of whose kind many came in to whoever is next, and says for how many admissions; nil
    /// if this one may come in.
    mutating func holdBack(_ position: Int64, _ origin: CrowdOrigin, _ now: Int64) -> Int64? {
        let time = admissionTime
        if let due = caps.due(of: position) {
            if due > time { caps.discount(origin, rules) }
            caps.forget(position)
            return nil
        }
        let due = caps.due(of: origin, rules)
        guard due > time else {
            caps.count(origin, at: time, rules)
            return nil
        }
        guard passOn(position, now) else { return nil }
        caps.hold(position, due: due, until: now + rules.graceMilliseconds)
        caps.count(origin, at: time, rules)
        figures.heldBack += 1
        return CrowdCaps.admissions(until: due, from: time)
    }

    /// Calls somebody else up instead; false, and all is as it was, if nobody is there.
    private mutating func passOn(_ position: Int64, _ now: Int64) -> Bool {
        guard let until = reserved[position] else { return false }
        let before = (releases, reserved.count)
        reserved.remove(position)
        releases.refund()
        release(now)
        if reserved.count == before.1 { return true }
        reserved.insert(position, until: until)
        releases = before.0
        return false
    }
}
