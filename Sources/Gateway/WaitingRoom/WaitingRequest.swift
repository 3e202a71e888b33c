import HTTP

/// What the waiting room looks at in a request. Every byte of it may be a lie.
///
/// An object, since it goes through many hands with every poll. It holds views of the head that is being answered, and
/// is of no use after that.
final class WaitingRequest {
    /// The cookies of the room.
    let cookies: WaitingRoomCookies.Shown
    /// The field `Waiting-Room-Ticket`, which counts where there is no cookie.
    let ticketField: TokenReader?
    /// What `Waiting-Room-Invitation` or the query says, to be called up before the line.
    let invitation: ByteView?
    /// Whether a rule of the room says that this visitor goes before the line.
    let goesFirst: Bool
    /// What the client calls itself.
    let agent: ByteView?
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
        cookies: WaitingRoomCookies.Shown = WaitingRoomCookies.Shown(),
        ticketField: TokenReader? = nil,
        invitation: ByteView? = nil,
        goesFirst: Bool = false,
        agent: ByteView? = nil,
        identity: [UInt8] = [],
        client: [UInt8] = [],
        fingerprint: [UInt8] = [],
        isSecure: Bool = true,
        preferences: WaitingPreferences = WaitingPreferences()
    ) {
        self.cookies = cookies
        self.ticketField = ticketField
        self.invitation = invitation
        self.goesFirst = goesFirst
        self.agent = agent
        self.identity = identity
        self.client = client
        self.fingerprint = fingerprint
        self.isSecure = isSecure
        self.preferences = preferences
    }

    /// Whether it may be called up before the line, if what it says is true.
    var mayGoFirst: Bool { goesFirst || invitation != nil }
    /// Whether a ticket in its field is all that it shows, as apps without cookies do.
    var showsTicketAlone: Bool {
        ticketField != nil && cookies.place.token == nil && cookies.admission.token == nil
    }
    /// The ticket that it shows, true or false.
    var ticket: TokenReader? { cookies.place.token ?? ticketField }
    /// The admission that it shows, true or false.
    var admission: TokenReader? { cookies.admission.token }

    /// What kind of client this is, coarse enough to last: a hash of what it calls itself without version numbers, so
    /// that an update of the browser loses nobody's turn. Few requests need it.
    var binding: UInt32 {
        guard let agent else { return 0 }
        var hash: UInt32 = 0x811C_9DC5
        for index in 0..<min(agent.count, 512) where !(0x2E...0x39).contains(agent[index]) {
            hash = (hash ^ UInt32(agent[index])) &* 0x0100_0193
        }
        return hash
    }
}
