/// Compares what buyers were told with what the shop wrote down.
struct LedgerCheck: Sendable {
    private(set) var problems: [String] = []
    private(set) var soldCount = 0
    private(set) var paidOrderCount = 0

    /// Reads a ledger (NDJSON) and checks that it agrees with itself and with the orders that were acknowledged.
    init(_ ledger: String, acknowledged: [String]) {
        var soldSeats: Set<String> = []
        var liveTickets: Set<String> = []
        var standing = 0
        var orders: [String: (state: String, units: Int)] = [:]
        var ticketsOfOrder: [String: Int] = [:]
        for text in ledger.split(separator: "\n") {
            let line = LoadAnswer(status: 200, cookies: [], body: String(text))
            switch line.member("kind") {
            case "claim" where line.member("state") == "sold":
                if !soldSeats.insert(line.member("label") ?? "").inserted {
                    problems.append("seat \(line.member("label") ?? "") is sold twice")
                }
            case "order":
                let units = text.firstRange(of: "\"units\":").flatMap {
                    Int(text[$0.upperBound...].prefix { $0.isNumber })
                }
                orders[line.member("code") ?? ""] = (line.member("state") ?? "", units ?? 0)
            case "ticket" where text.contains("\"valid\":true"):
                ticketsOfOrder[line.member("order") ?? "", default: 0] += 1
                guard text.contains("\"seat\":") else {
                    standing += 1
                    continue
                }
                if !liveTickets.insert(line.member("label") ?? "").inserted {
                    problems.append("seat \(line.member("label") ?? "") has two tickets")
                }
            default: break
            }
        }
        if soldSeats != liveTickets {
            problems.append("\(soldSeats.count) seats sold, \(liveTickets.count) with tickets")
        }
        for (code, order) in orders where order.state == "paid" {
            paidOrderCount += 1
            let tickets = ticketsOfOrder[code, default: 0]
            if tickets != order.units {
                problems.append("order \(code): \(order.units) paid, \(tickets) tickets")
            }
        }
        for code in acknowledged where orders[code]?.state != "paid" {
            problems.append(
                "order \(code) was acknowledged and is \(orders[code]?.state ?? "gone")"
            )
        }
        if Set(acknowledged).count != acknowledged.count {
            problems.append("an order was acknowledged to two buyers")
        }
        soldCount = soldSeats.count + standing
    }
}
