extension Shop {
    /// Opens, pauses or cancels a sale and notes who did. Cancelling begins to give everybody's money back;
    /// doing it again looks once more for orders that were left.
    func setStatus(_ status: EventStatus, of event: Event, by actor: String) async throws {
        try await database.write { connection in
            let now = clock.now()
            try EventRows.setStatus(status, of: event.id, connection)
            if status == .cancelled {
                try EventCancellation.begin(event.id, id: mint.next(), at: now, connection)
            }
            let action = "event \(status.name)"
            try audit.note(action, by: actor, about: "event \(event.id)", "", connection)
        }
        catalog.forget(slug: event.slug)
    }
}
