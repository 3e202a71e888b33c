import Synchronization
import Transport

/// Puts one kind of load on a shop, from one thread, and counts what comes of it.
struct LoadRun: Sendable {
    /// What the visitors do.
    enum Scenario: String, Sendable, CaseIterable {
        /// Many buyers for few seats: each holds one random seat, orders and pays, until the house is sold out.
        case storm
        /// Two neighbouring seats held again and again, no two visitors wanting the same.
        case holds
        /// Complete purchases of two best seats.
        case purchases
        /// Viewers of the live seat map.
        case live
        /// The snapshot of all seats.
        case seats
    }

    let target: LoadTarget
    let scenario: Scenario
    let event: String
    let connectionCount: Int
    let buyerCount: Int
    let seconds: Int
    let tally: LoadTally

    /// Runs until every buyer has gone or the time is over.
    func run() async throws {
        let reactor = try Reactor()
        try reactor.start()
        let next = Next(limit: scenario == .storm || scenario == .purchases ? buyerCount : .max)
        let end = Instant.current().advanced(by: .seconds(seconds))
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<connectionCount {
                group.addTask(executorPreference: reactor) {
                    await visit(number, next, until: end, on: reactor)
                }
            }
        }
        reactor.stop()
    }

    /// Hands out numbers, each once.
    private final class Next: Sendable {
        private let number = Mutex(0)
        private let limit: Int

        init(limit: Int) { self.limit = limit }

        func take() -> Int? {
            number.withLock { number in
                guard number < limit else { return nil }
                defer { number += 1 }
                return number
            }
        }
    }

    private func visit(_ number: Int, _ next: Next, until end: Instant, on reactor: Reactor) async {
        let connection = LoadConnection(to: target, on: reactor)
        defer { connection.close() }
        if scenario == .live { return await watch(connection, until: end) }
        while Instant.current() < end, let turn = next.take() {
            var buyer = LoadBuyer(connection, tally, event: event)
            do throws(LoadBuyer.Ending) {
                guard try await serve(&buyer, turn) else { return }
            } catch {
                note(error)
            }
        }
    }

    private func note(_ ending: LoadBuyer.Ending) {
        tally.note { figures in
            switch ending {
            case .soldOut: figures.soldOutCount += 1
            case .failed(let reason):
                figures.failedCount += 1
                figures.outcomes["failed: \(reason.prefix(80))", default: 0] += 1
            }
        }
    }

    /// One visitor; false if there is nothing more to do for this scenario.
    private func serve(_ buyer: inout LoadBuyer, _ turn: Int) async throws(LoadBuyer.Ending) -> Bool {
        switch scenario {
        case .storm:
            let hold = try await buyer.hold { picture in
                Self.freeSeats(in: picture).randomElement().map { "{\"seats\":[\($0)]}" }
            }
            let code = try await buyer.buy(hold: hold)
            tally.note { $0.paidOrders.append(code) }
        case .purchases:
            let path = "/api/v1/events/\(event)/holds"
            let body = #"{"best":{"qty":2}}"#
            let answer = try await buyer.ask("hold", "POST", path, body: body)
            guard answer.status == 201, let hold = answer.member("id") else { throw .soldOut }
            tally.note { $0.holdCount += 1 }
            let code = try await buyer.buy(hold: hold)
            tally.note { $0.paidOrders.append(code) }
        case .holds:
            let path = "/api/v1/events/\(event)/holds"
            let body = "{\"seats\":[\(2 * turn),\(2 * turn + 1)]}"
            let answer = try await buyer.ask("hold", "POST", path, body: body)
            if answer.status == 201 { tally.note { $0.holdCount += 1 } }
            return answer.status != 400
        case .seats:
            _ = try await buyer.ask("seats", "GET", "/api/v1/events/\(event)/seats")
        case .live: return false
        }
        return true
    }

    private func watch(_ connection: LoadConnection, until end: Instant) async {
        let path = "/api/v1/events/\(event)/live"
        while true {
            var isLost = false
            do throws(LoadConnection.Lost) {
                try await connection.follow(path, until: end, answered: noteStream, noteMessages)
            } catch {
                isLost = true
            }
            guard Instant.current() < end else { return }
            if isLost { tally.note { $0.outcomes["streams lost", default: 0] += 1 } }
            try? await Task.sleep(for: .milliseconds(500))
        }
    }

    private func noteMessages(_ bytes: ArraySlice<UInt8>) {
        let messages = bytes.count { $0 == UInt8(ascii: "{") }
        tally.note { figures in
            figures.bytes += bytes.count
            figures.outcomes["messages", default: 0] += messages
        }
    }

    private func noteStream(_ status: Int) {
        let outcome = status == 200 ? "streams opened" : "streams refused \(status)"
        tally.note { figures in
            figures.outcomes[outcome, default: 0] += 1
            if status != 200 { figures.failedCount += 1 }
        }
    }

    /// The numbers of the free seats in a snapshot.
    static func freeSeats(in picture: LoadAnswer) -> [Int] {
        let count = picture.body.firstRange(of: "\"seat_count\":").flatMap {
            Int(picture.body[$0.upperBound...].prefix { $0.isNumber })
        }
        guard let packed = picture.member("states").flatMap(Self.bytes(base64:)), let count else {
            return []
        }
        return (0..<min(count, packed.count * 4)).filter { seat in
            packed[seat / 4] >> UInt8(seat % 4 * 2) & 3 == 0
        }
    }

    private static func bytes(base64 text: String) -> [UInt8]? {
        let url = text.utf8.prefix { $0 != UInt8(ascii: "=") }.map { byte in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            default: byte
            }
        }
        return Base64URL.decode(url[...])
    }
}
