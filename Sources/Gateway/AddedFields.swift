import HTTP

/// Fields that stages add to whatever response there will be: cookies, the state of limits.
///
/// Kept as bytes, in storage that the connection's next request uses again, so that a field costs no allocation.
/// Confined to its worker.
final class AddedFields {
    private let values = OutputBuffer(limitBytes: 64 << 10)
    /// Where the values end, and their names; empty for those that were taken back.
    private var entries: [(name: StaticString, end: Int)] = []

    var isEmpty: Bool { entries.isEmpty }

    /// Adds a field; `name` is in lower case.
    func append(_ name: StaticString, _ value: String) {
        append(name) { $0.append(value) }
    }

    /// Adds a field whose value `write` appends to the buffer. One beyond the limit of all values together is left out.
    func append(_ name: StaticString, _ write: (OutputBuffer) -> Void) {
        let start = values.count
        write(values)
        if values.isFull { return values.truncate(to: start) }
        entries.append((name, values.count))
    }

    /// Takes back the fields whose names and values `isStale` is true of.
    func removeAll(where isStale: (StaticString, ByteView) -> Bool) {
        var start = 0
        let readable = values.readable
        for index in entries.indices {
            let value = readable.prefix(entries[index].end).dropFirst(start)
            if isStale(entries[index].name, value) { entries[index].name = "" }
            start = entries[index].end
        }
    }

    /// Calls `body` with each field, in the order they were added. Values end with the next change.
    func visit(_ body: (StaticString, ByteView) -> Void) {
        var start = 0
        let readable = values.readable
        for entry in entries {
            let value = readable.prefix(entry.end).dropFirst(start)
            if entry.name.utf8CodeUnitCount > 0 { body(entry.name, value) }
            start = entry.end
        }
    }

    /// Forgets the fields, and keeps the storage.
    func removeAll() {
        guard !entries.isEmpty else { return }
        entries.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
    }
}
