extension Shop {
    /// What a visitor holds and has not ordered, in words for pages; of one event, or of all.
    func held(by visitor: Visitor, at event: Int64? = nil) async throws -> [[String: String]] {
        let now = holds.clock.now()
        let known = try await database.read { try HoldRows.active(of: visitor, at: now, $0) }
        var words: [[String: String]] = []
        for hold in known where hold.eventId == event ?? hold.eventId {
            let event = try await catalog.listing(id: hold.eventId).event
            words.append([
                "id": String(hold.id), "title": event.title,
                "count": hold.unitCount == 1 ? "1 seat" : "\(hold.unitCount) seats",
                "expires": LocalTime.date(hold.expiresAt, in: event.timeZone).clockTime,
            ])
        }
        return words
    }
}
