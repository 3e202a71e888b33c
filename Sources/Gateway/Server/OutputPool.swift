import HTTP

/// Output buffers that go from exchange to exchange. Confined to its worker.
final class OutputPool {
    private var free: [OutputBuffer] = []
    private static let keptLimit = 64
    private static let limitBytes = 4 << 20
    /// A buffer that one exchange made larger than this is not kept.
    private static let keptBytes = 64 << 10

    /// An empty buffer for the caller alone, until it is given back.
    func lend() -> OutputBuffer { free.popLast() ?? OutputBuffer(limitBytes: Self.limitBytes) }

    /// Forgets the buffers that nobody uses.
    func trim() { free = [] }

    func takeBack(_ buffer: OutputBuffer) {
        guard free.count < Self.keptLimit, buffer.capacityBytes <= Self.keptBytes else { return }
        buffer.removeAll(keepingCapacity: true)
        free.append(buffer)
    }
}
