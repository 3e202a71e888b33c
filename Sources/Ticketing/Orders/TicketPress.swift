/// Draws the tickets that visitors fetch, elsewhere than requests are served: a few who fetch theirs again and again
/// would keep everybody waiting. Those of one order are drawn once at a time, however many ask for them.
actor TicketPress {
    /// So many orders wait; whoever comes then is asked to come again.
    static let waitingLimit = 32

    nonisolated let thread = LowPriorityThread()
    private var underWay: [Int64: Task<[UInt8]?, any Error>] = [:]

    /// What `draw` makes for an order, or what is being made for it already.
    func run(order: Int64, _ draw: @escaping @Sendable () throws -> [UInt8]?) async throws
        -> [UInt8]?
    {
        if let drawing = underWay[order] { return try await drawing.value }
        guard underWay.count < Self.waitingLimit else { throw Problem.busy }
        let drawing = Task { try await thread.run(draw) }
        underWay[order] = drawing
        defer { underWay[order] = nil }
        return try await drawing.value
    }
}
