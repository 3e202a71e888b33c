import HTTP

/// The life of a request, from head to response: every stage once, in this order, cheapest refusal first.
///
/// A stage that has an answer returns it and the request ends there; nil passes the request on. A thrown `Failure`
/// becomes a response in `Failure+Response.swift`, and nowhere else. No stage calls another. One pipeline serves one
/// worker under one configuration; an object, so that a request holds it by one reference.
final class Pipeline {
    let snapshot: Snapshot
    let limits: LimitStage
    let inspection: InspectionStage
    let sessions: SessionStage
    let waitingRoom: WaitingRoomStage
    let cache: CacheStage
    let local: LocalStage
    let upstream: UpstreamStage

    init(
        snapshot: Snapshot,
        limits: LimitStage,
        inspection: InspectionStage,
        sessions: SessionStage,
        waitingRoom: WaitingRoomStage,
        cache: CacheStage,
        local: LocalStage,
        upstream: UpstreamStage
    ) {
        self.snapshot = snapshot
        self.limits = limits
        self.inspection = inspection
        self.sessions = sessions
        self.waitingRoom = waitingRoom
        self.cache = cache
        self.local = local
        self.upstream = upstream
    }

    /// The one response to the request that `exchange` holds.
    func respond(to exchange: Exchange) async throws(Failure) -> Response {
        do throws(Failure) {
            let response = try await answer(exchange)
            await limits.settle(exchange, status: response.status)
            return response
        } catch {
            await limits.settle(exchange, status: error.status)
            throw error
        }
    }

    @inline(__always)
    private func answer(_ exchange: Exchange) async throws(Failure) -> Response {
        snapshot.clientAddress.resolve(exchange)
        if let answer = await waitingRoom.endpoint(exchange) { return answer }
        guard let route = snapshot.router.route(for: exchange.head) else { throw .client(.noRoute) }
        exchange.route = route
        if let answer = await limits.check(exchange, route) { return answer }
        if let answer = inspection.requestHead(exchange, route) { return answer }
        if let failure = snapshot.router.refusal(of: exchange.head) {
            // The rules see the whole of it first, so that the log can say what was tried.
            if let answer = try await inspection.requestBody(exchange, route) { return answer }
            throw failure
        }
        if let answer = try await sessions.verify(exchange, route) { return answer }
        if let answer = await limits.checkSession(exchange, route) { return answer }
        if let answer = await waitingRoom.admit(exchange, route) { return answer }
        if let answer = try await inspection.requestBody(exchange, route) { return answer }
        if let hit = cache.lookUp(exchange, route) { return hit }
        if let answer = local.answer(exchange, route) { return answer }
        guard case .proxy(let target) = route.action else { throw .client(.noRoute) }
        let response = try await upstream.forward(exchange, to: target)
        cache.observe(response, of: exchange)
        await limits.settle(exchange, status: response.status, fields: response.upstreamFields)
        await waitingRoom.obey(response, exchange, route)
        if let answer = inspection.responseHead(response, of: exchange) { return answer }
        if let answer = try await inspection.responseBody(response, of: exchange) { return answer }
        cache.store(response, of: exchange)
        return response
    }

    /// What runs after the response was written: the rules' last phase and their event.
    func finish(_ exchange: Exchange, status: Int) {
        inspection.finish(exchange, status: status)
    }
}
