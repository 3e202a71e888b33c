import Synchronization

/// Connections that wait for the answer to a parked poll, by client, so that one of them ends when its client wants the
/// place for another connection, on whichever worker either is.
///
/// Contention: one lock, taken when a poll is parked, when it goes on, and when a client has all the connections it may
/// have.
final class ParkedConnections: Sendable {
    /// A connection with such a poll.
    final class Stay: Sendable {
        fileprivate let client: ClientPrefix
        fileprivate let hurried = Atomic<Bool>(false)

        fileprivate init(_ client: ClientPrefix) { self.client = client }

        /// Whether the answer is wanted now, whatever it is, and the connection ends with it.
        var isHurried: Bool { hurried.load(ordering: .relaxed) }
    }

    private let stays = Mutex<[ClientPrefix: [ObjectIdentifier: Stay]]>([:])

    /// A poll of the client is parked.
    func begin(_ client: ClientPrefix) -> Stay {
        let stay = Stay(client)
        stays.withLock { $0[client, default: [:]][ObjectIdentifier(stay)] = stay }
        return stay
    }

    /// The poll goes on.
    func end(_ stay: Stay) {
        stays.withLock { Self.remove(stay, from: &$0) }
    }

    /// Has one poll of the client answered; false if it has none that was not asked before.
    func hurry(_ client: ClientPrefix) -> Bool {
        stays.withLock { stays in
            guard let stay = stays[client]?.first?.value else { return false }
            stay.hurried.store(true, ordering: .relaxed)
            Self.remove(stay, from: &stays)
            return true
        }
    }

    private static func remove(
        _ stay: Stay,
        from stays: inout [ClientPrefix: [ObjectIdentifier: Stay]]
    ) {
        stays[stay.client]?[ObjectIdentifier(stay)] = nil
        if stays[stay.client]?.isEmpty == true { stays[stay.client] = nil }
    }
}
