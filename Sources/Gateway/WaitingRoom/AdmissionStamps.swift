import Transport

/// The gateway's signed word that a request came through a waiting room. It is the same for all who came
/// through, and made anew every half minute. Confined to its worker.
final class AdmissionStamps {
    private let key: Ed25519PrivateKey
    private let date: DateField
    /// By the room's name.
    private var made: [String: (text: String?, until: Int)] = [:]

    /// Nil without a key, as upstreams believe nothing that is not signed.
    init?(_ key: Ed25519PrivateKey?, date: DateField) {
        guard let key else { return nil }
        self.key = key
        self.date = date
    }

    func stamp(of room: String) -> String? {
        if let known = made[room], known.until > date.seconds { return known.text }
        let text = Assertion.sign(admissionTo: room, with: key, now: date.seconds)
        made[room] = (text, date.seconds + Assertion.lifetimeSeconds / 2)
        return text
    }
}
