import Synchronization

/// What of a room's settings may change while it runs, where every request reads it.
///
/// Contention: written by ticks, read by requests; relaxed atomics.
final class RoomLive: Sendable {
    private let modeIndex: Atomic<Int>
    private let session: Atomic<Int>

    init(_ settings: WaitingRoomSettings) {
        modeIndex = Atomic(Self.index(of: settings.mode))
        session = Atomic(settings.sessionSeconds)
    }

    var mode: WaitingRoomSettings.Mode {
        let all = WaitingRoomSettings.Mode.allCases
        let index = modeIndex.load(ordering: .relaxed)
        return index < all.count ? all[index] : .automatic
    }

    var sessionSeconds: Int { session.load(ordering: .relaxed) }

    func follow(_ settings: WaitingRoomSettings) {
        modeIndex.store(Self.index(of: settings.mode), ordering: .relaxed)
        session.store(settings.sessionSeconds, ordering: .relaxed)
    }

    private static func index(of mode: WaitingRoomSettings.Mode) -> Int {
        WaitingRoomSettings.Mode.allCases.firstIndex(of: mode) ?? 0
    }
}
