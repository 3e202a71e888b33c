/// The waiting rooms' figures. Those of the line are the same on every gateway that shares it; counters are this one's.
extension Metrics {
    func addRooms(to text: inout MetricsText) {
        let rooms = (shared.snapshot?.rooms ?? []).map(\.room)
        guard !rooms.isEmpty else { return }
        addLines(rooms, to: &text)
        text.head(
            "haniel_waiting_room_events_total",
            "counter",
            "What visitors of a room did on this gateway, by kind."
        )
        for room in rooms {
            for (kind, count) in room.figures.counts {
                let labels = [("room", room.settings.name), ("kind", kind)]
                text.sample("haniel_waiting_room_events_total", labels, count)
            }
        }
        text.head(
            "haniel_waiting_room_answers_total",
            "counter",
            "Answers to visitors who had to wait, by what they were told."
        )
        for room in rooms {
            for state in WaitingStatus.State.allCases {
                let labels = [("room", room.settings.name), ("state", state.rawValue)]
                text.sample(
                    "haniel_waiting_room_answers_total",
                    labels,
                    room.figures.answers(state)
                )
            }
        }
    }

    private func addLines(_ rooms: [WaitingRoom], to text: inout MetricsText) {
        let gauges: [(String, String, String, (WaitingRoom) -> Int64)] = [
            ("waiting", "gauge", "People in line.", { $0.store.snapshot().waitingCount }),
            ("inside", "gauge", "People inside.", { $0.store.snapshot().activeCount }),
            (
                "called", "gauge", "Turns that came and are kept.",
                { $0.store.snapshot().reservedCount }
            ),
            (
                "parked", "gauge", "Polls of this gateway kept open because their turn is near.",
                { Int64($0.parked.count) }
            ),
            ("capacity", "gauge", "Most people inside.", { $0.store.snapshot().capacity }),
            (
                "store_up", "gauge", "Whether the room's store answers.",
                { $0.pauseReason($0.environment.now()) == .storeAway ? 0 : 1 }
            ),
            (
                "admissions_total", "counter", "Turns taken, on all gateways.",
                { $0.store.snapshot().figures.admissions }
            ),
            (
                "no_shows_total", "counter", "Turns that came and were not taken.",
                { $0.store.snapshot().figures.noShows }
            ),
            (
                "passed_over_total", "counter", "Places passed over because nobody was there.",
                { $0.store.snapshot().figures.passedOver }
            ),
            (
                "held", "gauge", "Places held back for the sake of others.",
                { $0.store.snapshot().heldCount }
            ),
            (
                "held_back_total", "counter",
                "Turns that went to others first because many came from the same place.",
                { $0.store.snapshot().figures.heldBack }
            ),
        ]
        for (name, type, help, value) in gauges {
            text.head("haniel_waiting_room_\(name)", type, help)
            for room in rooms {
                let labels = [("room", room.settings.name)]
                text.sample("haniel_waiting_room_\(name)", labels, value(room))
            }
        }
    }
}
