import NIOCore

/// The messages of a live seat map (the event stream format of HTML).
enum LiveMessage {
    private struct Change: Encodable {
        let revision: Int64
        /// The revision that this change follows upon.
        let previous: Int64
        let free: Int
        /// Pairs of seat number and state: 0 free, 1 held, 2 sold, 3 blocked.
        let seats: [[Int]]?
        let sections: [SectionCount]?
    }

    private struct SectionCount: Encodable {
        let section: Int
        let free: Int
    }

    private struct Hello: Encodable {
        let revision: Int64
        let free: Int
        let sale: String
    }

    /// One event of a stream.
    static func event(_ name: String, _ data: String, id: Int64? = nil) -> String {
        "\(id.map { "id: \($0)\n" } ?? "")event: \(name)\ndata: \(data)\n\n"
    }

    /// What a viewer hears first: the revision that the next change follows upon.
    static func hello(_ availability: Availability, sale: String) -> ByteBuffer {
        let hello = Hello(revision: availability.revision, free: availability.freeCount, sale: sale)
        let data = String(decoding: JSON.encode(hello), as: UTF8.self)
        return ByteBuffer(
            string: "retry: 2000\n" + event("hello", data, id: availability.revision)
        )
    }

    /// What changed between two snapshots; of a whole house the free places of its sections, too.
    static func seats(
        from old: Availability,
        to new: Availability,
        in listing: Listing,
        section: Int?,
        naming namesSeats: Bool
    ) -> String {
        let known = listing.map.sections.first { $0.number == section }
        let range = known?.seats ?? 0..<listing.map.seats.count
        let changed = range.filter { seat in
            old.states.indices.contains(seat) && new.states.indices.contains(seat)
                && old.states[seat] != new.states[seat]
        }
        let counts = listing.map.sections.map { section in
            SectionCount(
                section: section.number,
                free: new.standing[section.number] ?? new.freeCount(in: section.seats)
            )
        }
        let change = Change(
            revision: new.revision,
            previous: old.revision,
            free: new.freeCount,
            seats: namesSeats ? changed.map { [$0, Int(new.states[$0])] } : nil,
            sections: section == nil ? counts : nil
        )
        let data = String(decoding: JSON.encode(change), as: UTF8.self)
        return event("seats", data, id: new.revision)
    }

    /// The state of the sale in one word.
    static func sale(_ listing: Listing, _ availability: Availability, at now: Milliseconds)
        -> String
    {
        let sale = listing.event.sale(at: now)
        return sale == .open && availability.freeCount == 0 ? "soldout" : sale.rawValue
    }
}
