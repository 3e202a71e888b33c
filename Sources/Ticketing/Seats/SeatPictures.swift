import Synchronization

/// What this process believes about the seats of each event while it chooses for visitors.
///
/// A picture is ahead of the last snapshot, since it knows the seats that were chosen since; it may be wrong both ways,
/// and the claims decide.
final class SeatPictures: Sendable {
    private struct Picture {
        var chooser: BestAvailable
        var revision: Int64
        var takenAt: Milliseconds
    }

    /// How long a picture is kept although a newer snapshot is there: its own marks are worth more for a moment.
    private static let lifetime: Milliseconds = 250

    private let pictures = Mutex<[Int64: Picture]>([:])

    /// Chooses seats and marks them taken, so that the next visitor is offered others.
    func choose(
        _ wish: BestAvailable.Wish,
        in listing: Listing,
        knowing availability: Availability,
        turn: Int,
        at now: Milliseconds
    ) -> [Int]? {
        pictures.withLock { pictures in
            let known = pictures[listing.event.id]
            let isOutdated = known.map { picture in
                availability.revision > picture.revision && now - picture.takenAt >= Self.lifetime
            }
            if isOutdated ?? true {
                pictures[listing.event.id] = Picture(
                    chooser: BestAvailable(listing: listing, states: availability.states),
                    revision: availability.revision,
                    takenAt: now
                )
            }
            guard let seats = pictures[listing.event.id]?.chooser.choose(wish, turn: turn) else {
                return nil
            }
            pictures[listing.event.id]?.chooser.markTaken(seats)
            return seats
        }
    }

    /// The same from the claims themselves, as read inside a write, which take the picture's place.
    func chooseAnew(
        _ wish: BestAvailable.Wish,
        in listing: Listing,
        states: [UInt8],
        revision: Int64,
        turn: Int,
        at now: Milliseconds
    ) -> [Int]? {
        var chooser = BestAvailable(listing: listing, states: states)
        let seats = chooser.choose(wish, turn: turn)
        if let seats { chooser.markTaken(seats) }
        pictures.withLock { [chooser] pictures in
            pictures[listing.event.id] = Picture(chooser: chooser, revision: revision, takenAt: now)
        }
        return seats
    }
}
