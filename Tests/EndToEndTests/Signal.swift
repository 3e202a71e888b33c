import Support
import Synchronization

/// Something that happens once, told from the test to an origin's script or back.
final class Signal: Sendable {
    private let flag = Atomic(false)

    var isRaised: Bool { flag.load(ordering: .acquiring) }

    func raise() { flag.store(true, ordering: .releasing) }

    func wait(within duration: Duration) -> Bool {
        eventually(within: duration) { isRaised }
    }
}

/// A number that an origin's script counts up.
final class Count: Sendable {
    private let number = Atomic(0)

    var value: Int { number.load(ordering: .relaxed) }

    func add(_ amount: Int) { number.add(amount, ordering: .relaxed) }
}
