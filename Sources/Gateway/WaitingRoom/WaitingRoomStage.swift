import HTTP
import Synchronization
import Transport

/// Puts an exchange before its waiting room: is it their turn?
struct WaitingRoomStage {
    let rooms: [GuardedRoom]
    private let stamps: AdmissionStamps?
    private let connections: ParkedConnections
    /// Where reports are put together, one at a time.
    private let scratch = OutputBuffer(limitBytes: WaitingStatus.limitBytes)

    init(rooms: [GuardedRoom], stamps: AdmissionStamps?, connections: ParkedConnections) {
        self.rooms = rooms
        self.stamps = stamps
        self.connections = connections
    }

    /// Answers the paths under `/.wr/`, which are the gateway's own wherever there is a room; nil for any other path.
    @inline(__always)
    func endpoint(_ exchange: Exchange) async -> Response? {
        guard !rooms.isEmpty, exchange.head.target.path.hasPrefix("/.wr") else { return nil }
        return await answerEndpoint(exchange)
    }

    private func answerEndpoint(_ exchange: Exchange) async -> Response? {
        exchange.hidesRoomCookies = true
        let target = exchange.head.target
        guard let path = Self.path(target.path, target.query) else { return nil }
        if let guarded = guardedRoom(named: path.room, exchange) {
            guarded.share(with: exchange)
            if exchange.head.isPreflight { return Response(guarded.preflight(exchange.head)) }
        }
        if case .status(let name) = path, let room = room(named: name, exchange) {
            let request = WaitingRequest(exchange, room, isPoll: true)
            let report = await room.status(request, client: ParkedClient(exchange, connections))
            if let parking = exchange.parking { connections.end(parking) }
            return Response(report, through: scratch)
        }
        guard rooms.contains(where: { $0.isAt(exchange.head) }) else { return nil }
        if case .status = path { return Response(.noRoom) }
        return await answer(to: path, exchange)
    }

    /// Most requests are polls.
    private static func path(_ path: ByteView, _ query: ByteView?) -> WaitingRoomPath? {
        if query == nil, path.equals("/.wr/status") { return .status(room: nil) }
        return WaitingRoomPath(path: path.string, query: query?.string ?? "")
    }

    /// The waiting page or its JSON for a visitor whose turn has not come; nil lets the request pass.
    @inline(__always)
    func admit(_ exchange: Exchange, _ route: Route) async -> Response? {
        rooms.isEmpty ? nil : await enter(exchange, route)
    }

    private func enter(_ exchange: Exchange, _ route: Route) async -> Response? {
        exchange.hidesRoomCookies = true
        guard let guarded = guardedRoom(for: exchange, route) else { return nil }
        let room = guarded.room
        if exchange.head.isPreflight {
            guarded.share(with: exchange)
            return Response(guarded.preflight(exchange.head))
        }
        if guarded.lets(exchange) {
            room.figures.bypasses.add(1, ordering: .relaxed)
            exchange.admission = stamps?.stamp(of: room.settings.name)
            return nil
        }
        let request = WaitingRequest(exchange, room, goesFirst: guarded.prefers(exchange))
        switch await room.admit(request) {
        case .proxy(let session, let setCookies, let renewedAt):
            exchange.admission = stamps?.stamp(of: room.settings.name)
            exchange.roomSession = session
            exchange.roomRenewedAt = renewedAt
            exchange.isPersonal = !setCookies.isEmpty
            for cookie in setCookies { exchange.addedFields.append("set-cookie", cookie) }
            return nil
        case .answer(let answer):
            guarded.share(with: exchange)
            var response = Response(answer)
            response.reason = "waiting-room-\(room.settings.name)"
            return response
        }
    }

    /// Does what the backend says with `Waiting-Room-Command` about the visitor it just served, and notes what it says
    /// about itself.
    @inline(__always)
    func obey(_ response: Response, _ exchange: Exchange, _ route: Route) async {
        guard !rooms.isEmpty, case .upstream(let upstream) = response.source,
            let room = guardedRoom(for: exchange, route)?.room
        else { return }
        note(upstream, status: response.status, exchange, room)
        guard let session = exchange.roomSession else { return }
        room.noteAnswer(to: session, renewedAt: exchange.roomRenewedAt)
        guard let command = upstream.head.first(of: .waitingRoomCommand) else { return }
        await obey(command, session, exchange, room)
    }

    private func note(
        _ upstream: UpstreamResponse,
        status: Int,
        _ exchange: Exchange,
        _ room: WaitingRoom
    ) {
        room.latency.note(nanoseconds: exchange.trace.upstreamNanoseconds, status: status)
        guard let text = upstream.head.first(of: .waitingRoomInventory)?.string,
            let told = RoomInventory.parse(text)
        else { return }
        let now = room.environment.now()
        room.inventory.note(remaining: told.remaining, perVisitor: told.perVisitor, now: now)
    }

    private func obey(
        _ command: ByteView,
        _ session: SessionID,
        _ exchange: Exchange,
        _ room: WaitingRoom
    ) async {
        guard await room.command(command.string, session: session) else { return }
        let names = room.cookies(isSecure: exchange.isSecure)
        let shown = names.shown(in: Cookies(exchange.head.fields))
        exchange.isPersonal = true
        // The request may have come in just now.
        exchange.addedFields.removeAll { _, value in names.admission.isSet(by: value) }
        for cookie in names.admission.clear(shown.admission) {
            exchange.addedFields.append("set-cookie", cookie)
        }
    }

    private func guardedRoom(for exchange: Exchange, _ route: Route) -> GuardedRoom? {
        if let index = route.room, index < rooms.count { return rooms[index] }
        return rooms.first { $0.covers(exchange.head) }
    }

    private func answer(to path: WaitingRoomPath, _ exchange: Exchange) async -> Response {
        let method = exchange.head.method
        switch path {
        case .leave(let name, let givesUpPlace, let isPage):
            guard let room = room(named: name, exchange) else { break }
            if isPage, method == .get || method == .head {
                return Response(room.leavePage(WaitingRequest(exchange, room)))
            }
            guard method == .post else {
                let allowed = [(name: "Allow", value: "POST")]
                return Response(
                    .refusal(status: 405, "Only POST leaves a room.", fields: allowed)
                )
            }
            guard exchange.isFromSameOrigin else { return Response(.foreign) }
            let request = WaitingRequest(exchange, room)
            return Response(
                isPage
                    ? await room.leaveFromPage(request, givesUpPlace: givesUpPlace)
                    : await room.leave(request, givesUpPlace: givesUpPlace)
            )
        case .pulse(let name):
            guard let room = room(named: name, exchange) else { break }
            return Response(room.pulse())
        case .move(let name, let code):
            guard let room = room(named: name, exchange) else { break }
            let request = WaitingRequest(exchange, room, isIdentified: true)
            guard method == .post else { return Response(room.movePage(request, code: code)) }
            guard exchange.isFromSameOrigin else { return Response(.foreign) }
            return Response(await room.move(request, code: code))
        case .receipt(let name):
            guard let room = room(named: name, exchange) else { break }
            return Response(room.receipt(WaitingRequest(exchange, room)))
        case .log(let name, let index):
            guard let room = room(named: name, exchange) else { break }
            return Response(room.logPage(after: index))
        case .roots(let name):
            guard let room = room(named: name, exchange) else { break }
            return Response(room.roots(for: WaitingRequest.network(exchange)))
        case .asset(let name):
            let styles = rooms.filter { $0.isAt(exchange.head) }.map(\.room.settings.pages.style)
            for style in [nil] + styles {
                if let asset = WaitingRoom.asset(named: name, also: style) {
                    return Response(asset)
                }
            }
        case .proof(let name, let proof):
            guard let room = room(named: name, exchange), room.settings.proof != nil else { break }
            return await answer(to: proof, room, exchange)
        case .status, .unknown: break
        }
        return Response(.nothing)
    }

    private func answer(
        to proof: WaitingRoomPath.Proof,
        _ room: WaitingRoom,
        _ exchange: Exchange
    ) async -> Response {
        let request = WaitingRequest(exchange, room)
        guard exchange.head.method == .post, let nonce = proof.nonce else {
            let answer = await room.question(request, token: proof.token, answer: proof.answer)
            return Response(answer)
        }
        guard exchange.isFromSameOrigin else { return Response(.foreign) }
        return Response(await room.proof(request, nonce: nonce), through: scratch)
    }

    private func room(named name: String?, _ exchange: Exchange) -> WaitingRoom? {
        guardedRoom(named: name, exchange)?.room
    }

    private func guardedRoom(named name: String?, _ exchange: Exchange) -> GuardedRoom? {
        rooms.first { $0.isAt(exchange.head) && (name == nil || $0.room.settings.name == name) }
    }
}

extension ParkedClient {
    fileprivate init(_ exchange: Exchange, _ connections: ParkedConnections) {
        self.init(
            isGone: { exchange.isAbandoned || exchange.stream?.peerHasFinished == true },
            isHurried: { exchange.isHurried },
            rest: {
                // A poll of HTTP/2 takes no connection's place.
                if exchange.head.version != .http2 {
                    exchange.parking = connections.begin(ClientPrefix(exchange.peer))
                }
                guard let stream = exchange.stream, !stream.hasReceived,
                    exchange.tls?.isHTTP2 != true
                else { return }
                stream.releaseBuffers()
            }
        )
    }
}

extension WaitingRequest {
    /// - Parameters:
    ///   - isPoll: whether the answer is JSON in any case.
    ///   - goesFirst: whether a rule of the room says so.
    ///   - isIdentified: whether it matters who asks even if the room does not count that.
    fileprivate convenience init(
        _ exchange: Exchange,
        _ room: WaitingRoom,
        isPoll: Bool = false,
        goesFirst: Bool = false,
        isIdentified: Bool = false
    ) {
        let fields = exchange.head.fields
        let settings = room.settings
        let names = room.cookies(isSecure: exchange.isSecure)
        self.init(
            cookies: names.shown(in: Cookies(fields)),
            ticketField: fields.first(of: .waitingRoomTicket).map {
                TokenReader($0, of: settings.name)
            },
            invitation: fields.first(named: "waiting-room-invitation")
                ?? Self.invitation(inQuery: exchange.head.target.query),
            goesFirst: goesFirst,
            agent: fields.first(of: .userAgent),
            identity: isIdentified || room.countsPlaces
                ? Self.identity(exchange) : [],
            client: settings.clientPercent != nil || settings.proof != nil
                ? Self.network(exchange) : [],
            fingerprint: settings.fingerprintPercent != nil ? exchange.fingerprint.bytes : [],
            isSecure: exchange.isSecure,
            preferences: WaitingPreferences(
                accept: isPoll ? nil : Negotiation(fields),
                fetchMode: isPoll ? nil : fields.first(of: .secFetchMode),
                acceptLanguage: fields.first(of: .acceptLanguage),
                languages: settings.pages.languages
            )
        )
    }

    /// The session if there is one that was verified, else the network of the address.
    fileprivate static func identity(_ exchange: Exchange) -> [UInt8] {
        if let session = exchange.session { return Array(session.id.utf8) }
        return network(exchange)
    }

    fileprivate static func network(_ exchange: Exchange) -> [UInt8] {
        let prefix = ClientPrefix(exchange.client)
        return Array("\(prefix.isIPv6 ? 6 : 4) \(prefix.bits)".utf8)
    }

    /// The value of `wr_invite` in a query, of characters that need no decoding.
    private static func invitation(inQuery query: ByteView?) -> ByteView? {
        guard let query, query.count < 2_048 else { return nil }
        var rest = query
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: "&")) ?? rest.count
            let pair = rest.prefix(end)
            rest = rest.dropFirst(end + 1)
            if pair.hasPrefix("wr_invite=") { return pair.dropFirst(10) }
        }
        return nil
    }
}

extension Exchange {
    /// Whether the request comes from a page of this very host, as far as a browser says; programs say nothing.
    var isFromSameOrigin: Bool {
        if let site = head.first(of: .secFetchSite) {
            return site.equalsIgnoringCase("same-origin")
        }
        guard let origin = head.first(of: .origin) else { return true }
        return origin.string == (isSecure ? "https://" : "http://") + head.authority.string
    }
}
