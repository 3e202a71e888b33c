import Testing

@testable import Gateway

private func outcome(_ opening: consuming ConnectionLimit.Opening) -> String {
    switch consume opening {
    case .open: "open"
    case .refused(.client): "client"
    case .refused(.total): "total"
    }
}

@Suite
struct ConnectionLimitTests {
    @Test func `A client has its own number of connections`() {
        let limit = ConnectionLimit(totalLimit: 100, perClientLimit: 2, clientCount: 64)
        let first = limit.open(ClientPrefix(ipv4: 1))
        let second = limit.open(ClientPrefix(ipv4: 1))
        #expect(outcome(limit.open(ClientPrefix(ipv4: 1))) == "client")
        #expect(outcome(limit.open(ClientPrefix(ipv4: 2))) == "open")
        #expect(limit.openCount == 2)
        #expect(outcome(first) == "open")
        #expect(outcome(limit.open(ClientPrefix(ipv4: 1))) == "open")
        #expect(outcome(second) == "open")
        #expect(limit.openCount == 0)
    }

    @Test func `All clients together have a total`() {
        let limit = ConnectionLimit(totalLimit: 1, perClientLimit: 9, clientCount: 64)
        let held = limit.open(ClientPrefix(ipv4: 1))
        #expect(outcome(limit.open(ClientPrefix(ipv4: 2))) == "total")
        #expect(outcome(held) == "open")
        #expect(outcome(limit.open(ClientPrefix(ipv4: 2))) == "open")
    }

    @Test func `A full table counts newcomers in all only`() {
        let limit = ConnectionLimit(totalLimit: 1_000, perClientLimit: 1, clientCount: 8)
        func open(_ client: UInt32) {
            guard client < 20 else {
                #expect(limit.openCount == 20)
                #expect(limit.untrackedCount == 12)
                return
            }
            let opening = limit.open(ClientPrefix(ipv4: client))
            open(client + 1)
            #expect(outcome(opening) == "open")
        }
        open(0)
        #expect(limit.openCount == 0)
    }

    @Test func `An IPv6 client is its prefix of 64 bits and a mapped address is its IPv4 client`() {
        let limit = ConnectionLimit(totalLimit: 9, perClientLimit: 1, clientCount: 64)
        let held = limit.open(ClientPrefix(ipv6High: 0x2001_0db8_0000_0001, low: 1))
        #expect(
            outcome(limit.open(ClientPrefix(ipv6High: 0x2001_0db8_0000_0001, low: 2))) == "client"
        )
        #expect(
            outcome(limit.open(ClientPrefix(ipv6High: 0x2001_0db8_0000_0002, low: 1))) == "open"
        )
        #expect(outcome(held) == "open")
        #expect(ClientPrefix(ipv6High: 0, low: 0xffff_7f00_0001) == ClientPrefix(ipv4: 0x7f00_0001))
        #expect(ClientPrefix(ipv6High: 0, low: 0x7f00_0001) != ClientPrefix(ipv4: 0x7f00_0001))
    }

    @Test func `Workers that open and close at once leave nothing behind`() async {
        let limit = ConnectionLimit(totalLimit: 1_000, perClientLimit: 3, clientCount: 8)
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    for round in 0..<5_000 {
                        let client = ClientPrefix(ipv4: UInt32((round + worker) % 6))
                        _ = outcome(limit.open(client))
                    }
                }
            }
        }
        #expect(limit.openCount == 0)
        #expect(limit.untrackedCount == 0)
        #expect(outcome(limit.open(ClientPrefix(ipv4: 0))) == "open")
    }
}
