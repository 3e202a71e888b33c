/// When a room opens and closes, once or again and again. Times are milliseconds since 1970.
struct RoomSchedule: Hashable, Sendable {
    /// Where a moment lies.
    enum Phase: Hashable, Sendable {
        /// Too early even to register.
        case early
        /// Before the opening, and visitors are noted.
        case prequeue
        case open
        /// After the end.
        case over
    }

    /// One opening.
    struct Occurrence: Hashable, Sendable {
        let phase: Phase
        let opensAt: Int64
        let closesAt: Int64?
    }

    var opensAt: Int64
    /// How long before the opening visitors are noted; nil for ever.
    var prequeueMilliseconds: Int64?
    var closesAt: Int64?
    /// From one opening to the next; nil if there is one alone.
    var everyMilliseconds: Int64?

    /// When those are drawn who are registered at a moment; nil to leave that as it is known already.
    ///
    /// Once a recurring opening has begun, that is told of it only while nobody can have registered for the next.
    func draws(at now: Int64) -> Int64? {
        let occurrence = occurrence(at: now)
        switch occurrence.phase {
        case .early, .prequeue: return occurrence.opensAt
        case .over: return nil
        case .open:
            guard let every = everyMilliseconds, every > 0 else { return occurrence.opensAt }
            let next = occurrence.opensAt + every - (prequeueMilliseconds ?? 0)
            return now < next - 10_000 ? occurrence.opensAt : nil
        }
    }

    /// The opening that counts at a moment: the next one as soon as its registration begins.
    func occurrence(at now: Int64) -> Occurrence {
        var shift: Int64 = 0
        let lead = prequeueMilliseconds ?? 0
        if let every = everyMilliseconds, every > 0, now > opensAt - lead {
            shift = (now - (opensAt - lead)) / every * every
        }
        let opens = opensAt + shift
        let closes = closesAt.map { $0 + shift }
        let phase: Phase
        if let closes, now >= closes {
            phase = .over
        } else if now >= opens {
            phase = .open
        } else if let prequeueMilliseconds, now < opens - prequeueMilliseconds {
            phase = .early
        } else {
            phase = .prequeue
        }
        return Occurrence(phase: phase, opensAt: opens, closesAt: closes)
    }
}
