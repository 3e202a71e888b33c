extension ResponseHead {
    /// The same in memory of its own.
    func copy() -> ResponseHead {
        let copy = ResponseHead()
        copy.fields.change { table in
            for index in 0..<fields.count {
                let name = fields.known(index)
                _ = table.appendLine(fields.name(index), fields.value(index), known: name)
            }
        }
        copy.facts = facts
        return copy
    }

    /// Takes in a complete header block that `reader` has read into this head's fields.
    ///
    /// - Throws: `.malformed` for what HTTP/2 forbids, and for what is too large.
    func complete(
        _ reader: HeaderBlockReader,
        endsStream: Bool,
        to method: Method
    ) throws(HeaderBlockFault) {
        guard reader.fault == nil, let status = reader.pseudo.status, status != 101
        else { throw .malformed }
        let isInterim = status < 200
        guard !(isInterim && endsStream) else { throw .malformed }
        var facts = ResponseFacts()
        facts.version = .http2
        facts.status = status
        facts.keepAlive = true
        let declared: Framing?
        do throws(HeadError) {
            declared = try fields.table.framing(.http2)
        } catch {
            throw .malformed
        }
        let hasNoContent = isInterim || status == 204 || status == 304 || method == .head
        if hasNoContent {
            facts.framing = .none
        } else if endsStream {
            guard declared ?? .length(0) == .length(0) else { throw .malformed }
            facts.framing = .length(0)
        } else {
            facts.framing = declared ?? .untilClose
        }
        self.facts = facts
    }
}
