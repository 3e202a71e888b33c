/// How far money is that has to go back.
enum RefundState: Int64, Sendable {
    /// Asked for, and to be asked for again until the provider confirms it.
    case requested = 0
    case returned = 1
    /// Waits for people.
    case givenUp = 2
    /// The provider has it in hand, and is asked again until it has gone back or failed.
    case onItsWay = 3
}
