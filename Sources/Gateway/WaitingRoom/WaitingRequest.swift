/// What the waiting room looks at in a request. Every byte of it may be a lie.
///
/// An object, since it goes through many hands with every poll.
final class WaitingRequest {
    /// The value of the cookie that `WaitingRoomCookies.place` names.
    let placeCookie: [UInt8]?
    /// The value of the cookie that `WaitingRoomCookies.admission` names.
    let admissionCookie: [UInt8]?
    /// The field `Waiting-Room-Ticket`, which counts where there is no cookie.
    let ticketField: [UInt8]?
    /// What `Waiting-Room-Invitation` or the query says, to be called up before the line.
    let invitation: [UInt8]?
    /// Whether a rule of the room says that this visitor goes before the line.
    let goesFirst: Bool
    /// A hash of what kind of client this is (family of `User-Agent`, TLS fingerprint), coarse enough to last.
    let binding: UInt32
    /// Who asks, as far as that is known without a ticket: a session, or the network of the address.
    let identity: [UInt8]
    /// The network of the address and the TLS fingerprint, each where the room caps how many come in with it.
    let client: [UInt8]
    let fingerprint: [UInt8]
    /// Whether it came over TLS, which decides the names of cookies.
    let isSecure: Bool
    /// What form and language of answer it wants.
    let preferences: WaitingPreferences

    /// Whether the answer is to be JSON rather than a page.
    var prefersJSON: Bool { preferences.prefersJSON }
    /// The page's language.
    var language: WaitingLanguage { preferences.language }

    init(
        placeCookie: [UInt8]? = nil,
        admissionCookie: [UInt8]? = nil,
        ticketField: [UInt8]? = nil,
        invitation: [UInt8]? = nil,
        goesFirst: Bool = false,
        binding: UInt32 = 0,
        identity: [UInt8] = [],
        client: [UInt8] = [],
        fingerprint: [UInt8] = [],
        isSecure: Bool = true,
        preferences: WaitingPreferences = WaitingPreferences()
    ) {
        self.placeCookie = placeCookie
        self.admissionCookie = admissionCookie
        self.ticketField = ticketField
        self.invitation = invitation
        self.goesFirst = goesFirst
        self.binding = binding
        self.identity = identity
        self.client = client
        self.fingerprint = fingerprint
        self.isSecure = isSecure
        self.preferences = preferences
    }

    /// Whether it may be called up before the line, if what it says is true.
    var mayGoFirst: Bool { goesFirst || invitation != nil }
    /// Whether it shows a ticket, true or false.
    var hasTicket: Bool { (placeCookie ?? ticketField)?.isEmpty == false }
}
