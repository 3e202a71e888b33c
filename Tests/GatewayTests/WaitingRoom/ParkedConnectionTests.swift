import Testing

@testable import Gateway

@Suite struct ParkedConnectionTests {
    private static let client = ClientPrefix(ipv4: 1)

    @Test func `One poll of the client is hurried for each further connection`() {
        let connections = ParkedConnections()
        let stays = (0..<3).map { _ in connections.begin(Self.client) }
        let other = connections.begin(ClientPrefix(ipv4: 2))
        for hurried in 1...3 {
            #expect(connections.hurry(Self.client))
            #expect(stays.count(where: \.isHurried) == hurried)
        }
        #expect(!connections.hurry(Self.client), "all have been asked")
        #expect(!other.isHurried)
    }

    @Test func `A poll that has been answered makes no room`() {
        let connections = ParkedConnections()
        let (first, second) = (connections.begin(Self.client), connections.begin(Self.client))
        connections.end(first)
        #expect(connections.hurry(Self.client))
        #expect(second.isHurried && !first.isHurried)
        connections.end(second)
        #expect(!connections.hurry(Self.client))
    }
}
