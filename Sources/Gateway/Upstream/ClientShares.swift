import Transport

/// Who uses the connections to one server just now. Confined to its worker.
struct ClientShares {
    private var clients: [ClientPrefix?] = []
    private var free: [Int] = []

    /// Places that are taken.
    var count: Int { clients.count - free.count }

    /// Takes a place, to be given back.
    ///
    /// - Parameter client: for whom; nil for the gateway itself.
    mutating func take(for client: IPAddress?) -> Int {
        let prefix = client.map(ClientPrefix.init)
        guard let place = free.popLast() else {
            clients.append(prefix)
            return clients.count - 1
        }
        clients[place] = prefix
        return place
    }

    mutating func giveBack(_ place: Int) {
        clients[place] = nil
        free.append(place)
    }

    /// How many places one client has (IPv4 address, IPv6 /64). Looks at all of them: for when they are scarce.
    func count(of client: IPAddress) -> Int {
        let prefix = ClientPrefix(client)
        return clients.count { $0 == prefix }
    }
}
