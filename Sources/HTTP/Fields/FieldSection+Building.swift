extension FieldSection {
    /// Forgets all fields and keeps the storage.
    func removeAll() {
        count = 0
        storageCount = 0
        seen = NameSet()
        repeated = NameSet()
    }

    /// Forgets all fields and gives the storage back.
    func release() {
        removeAll()
        unsafe lines.deallocate()
        unsafe storage.deallocate()
        unsafe lines = .allocate(capacity: 0)
        unsafe storage = .allocate(capacity: 0)
        lineCapacity = 0
        storageCapacity = 0
    }

    /// Adds a line whose places are relative to the first byte of the head.
    @inline(__always)
    func append(_ line: Line) {
        if count == lineCapacity { growLines() }
        unsafe (lines + count).initialize(to: line)
        count &+= 1
        if line.name != .other {
            if seen.contains(line.name) { repeated.insert(line.name) }
            seen.insert(line.name)
        }
    }

    @inline(never)
    private func growLines() {
        let capacity = max(16, lineCapacity * 2)
        let grown = UnsafeMutablePointer<Line>.allocate(capacity: capacity)
        unsafe grown.moveInitialize(from: lines, count: count)
        unsafe lines.deallocate()
        unsafe lines = grown
        lineCapacity = capacity
    }

    /// Copies the bytes of a complete head in, with room for `spare` more behind them.
    func adopt(_ head: ByteView, spare: Int = 0) {
        storageCount = 0
        reserve(head.count + spare)
        unsafe storage.update(from: head.base, count: head.count)
        storageCount = head.count
    }

    /// Makes room for `capacity` bytes and keeps those stored; views taken before are void afterwards.
    func reserve(_ capacity: Int) {
        guard capacity > storageCapacity else { return }
        let rounded = max(1024, (capacity + 1023) & ~1023)
        let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: rounded)
        unsafe grown.update(from: storage, count: storageCount)
        unsafe storage.deallocate()
        unsafe storage = grown
        storageCapacity = rounded
    }

    func markHopByHop(_ index: Int) {
        guard index >= 0, index < count else { return }
        unsafe lines[index].isHopByHop = true
    }
}
