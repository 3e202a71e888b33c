import Transport

/// Somebody who buys, patiently: what is not answered, or answered with "try again", is repeated under the same key.
struct LoadBuyer {
    /// Why a buyer goes home without a ticket.
    enum Ending: Error {
        case soldOut
        case failed(String)
    }

    private static let repetitionLimit = 400

    let connection: LoadConnection
    let tally: LoadTally
    let event: String
    var cart = ""
    private var keyCount = 0
    private let name = Token.readable(16)

    init(_ connection: LoadConnection, _ tally: LoadTally, event: String) {
        self.connection = connection
        self.tally = tally
        self.event = event
    }

    /// Sends a request until it has been answered by something other than "not now".
    mutating func ask(
        _ step: String,
        _ method: String,
        _ path: String,
        body: String? = nil,
        type: String = "application/json"
    ) async throws(Ending) -> LoadAnswer {
        keyCount += 1
        var fields = ["accept: application/json"]
        if !cart.isEmpty { fields.append("cookie: \(cart)") }
        if body != nil {
            fields.append("content-type: \(type)")
            fields.append("idempotency-key: \(name)-\(keyCount)-\(step)")
        }
        for attempt in 0..<Self.repetitionLimit {
            if attempt > 0 {
                try? await Task.sleep(for: .milliseconds(min(50 + 20 * attempt, 500)))
            }
            let start = Instant.current()
            do throws(LoadConnection.Lost) {
                let answer = try await connection.send(method, path, fields, body: body)
                tally.note("\(step) \(answer.status)", since: start)
                if let cookie = answer.cookies.first(where: { $0.hasPrefix("__Host-bmh_cart=") }) {
                    cart = cookie
                }
                let isLater = [502, 503, 504, 429].contains(answer.status)
                let isRunning =
                    answer.status == 409 && answer.body.contains("idempotency-in-progress")
                if !isLater && !isRunning { return answer }
            } catch {
                tally.note("\(step) lost", since: start)
            }
        }
        throw .failed("\(step): no answer after \(Self.repetitionLimit) attempts")
    }

    /// Holds seats: whichever `choose` names, asked again with fresh eyes while somebody else is faster.
    mutating func hold(_ choose: (LoadAnswer) -> String?) async throws(Ending) -> String {
        while true {
            let picture = try await ask("seats", "GET", "/api/v1/events/\(event)/seats")
            guard let body = choose(picture) else { throw .soldOut }
            let path = "/api/v1/events/\(event)/holds"
            let answer = try await ask("hold", "POST", path, body: body)
            switch answer.status {
            case 201:
                tally.note { $0.holdCount += 1 }
                guard let id = answer.member("id") else { throw .failed("hold without an id") }
                return id
            case 409 where !answer.body.contains("sale-closed"): continue
            default: throw .failed("hold: \(answer.status) \(answer.body.prefix(200))")
            }
        }
    }

    /// Orders a hold and pays for it; returns the order's code.
    mutating func buy(hold: String) async throws(Ending) -> String {
        let body =
            "{\"hold\":\"\(hold)\",\"email\":\"\(name.lowercased())@example.com\",\"holder\":\"Load\"}"
        let order = try await ask("order", "POST", "/api/v1/orders", body: body)
        guard order.status == 201, let code = order.member("code") else {
            throw .failed("order: \(order.status) \(order.body.prefix(200))")
        }
        let payment = try await ask(
            "payment",
            "POST",
            "/api/v1/orders/\(code)/payments",
            body: "{}"
        )
        guard payment.status == 201, let page = payment.member("redirect") else {
            throw .failed("payment: \(payment.status) \(payment.body.prefix(200))")
        }
        let form = "application/x-www-form-urlencoded"
        let paid = try await ask("card", "POST", page, body: "card=accepted", type: form)
        guard paid.status == 303 else { throw .failed("card: \(paid.status)") }
        for _ in 0..<200 {
            let state = try await ask("look", "GET", "/api/v1/orders/\(code)")
            if state.body.contains("\"state\":\"paid\"") { return code }
            guard state.body.contains("\"state\":\"pending\"") else { break }
            try? await Task.sleep(for: .milliseconds(100))
        }
        throw .failed("order \(code) was not paid")
    }
}
