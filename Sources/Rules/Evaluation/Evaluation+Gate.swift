extension Evaluation {
    /// Scans the request's head once: the line, cookies and watched header fields in one pass. Sources in which no
    /// literal and no byte of interest stands are closed: gated rules cannot match there.
    mutating func scanHead() -> UInt8 {
        let buffer = workspace.scanBuffer
        let fields = fields
        buffer.removeAll()
        var open = rules.gates.alwaysOpen | openByBytesOfLine()
        appendLine(to: buffer)
        let lineEnd = buffer.count
        appendHeaders(fields, to: buffer, cookies: true, &open)
        let cookieEnd = buffer.count
        appendHeaders(fields, to: buffer, cookies: false, &open)
        let lineSources = SourceClass.line.bit | SourceClass.path.bit | SourceClass.arguments.bit
        rules.gates.database?.scan(buffer.view, workspace.scratch) { literal, end in
            let sources =
                end <= lineEnd ? lineSources : end <= cookieEnd ? SourceClass.cookies.bit : SourceClass.headers.bit
            open |= rules.gates.entries[literal].sources & sources
            return false
        }
        return open
    }

    private mutating func openByBytesOfLine() -> UInt8 {
        var open: UInt8 = 0
        let line = rules.gates.watchedBytes[Int(SourceClass.line.rawValue)]
        if line.contains(0x20) || line.intersects(request.target) || line.intersects(request.method)
            || line.intersects(request.version)
        {
            open |= SourceClass.line.bit
        }
        if rules.gates.watchedBytes[Int(SourceClass.path.rawValue)].intersects(request.path) {
            open |= SourceClass.path.bit
        }
        if rules.gates.watchedBytes[Int(SourceClass.arguments.rawValue)].intersects(request.query) {
            open |= SourceClass.arguments.bit
        }
        return open
    }

    private mutating func appendLine(to buffer: ByteBuffer) {
        buffer.append(request.method)
        buffer.append(0x20)
        buffer.append(request.target)
        buffer.append(0x20)
        buffer.append(request.version)
    }

    private mutating func appendHeaders(
        _ fields: FieldTable,
        to buffer: ByteBuffer,
        cookies: Bool,
        _ open: inout UInt8
    ) {
        let source = cookies ? SourceClass.cookies : .headers
        let watched = rules.gates.watchedBytes[Int(source.rawValue)]
        var next = fields.first(.requestHeaders)
        while let index = next {
            let field = fields[index]
            next = fields.next(index)
            let slot = Int(field.slot)
            guard cookies ? slot == HeaderSlots.cookie : isWatched(slot) else { continue }
            buffer.append(0x0A)
            buffer.append(field.value)
            if !cookies, rules.watchesEveryHeader {
                buffer.append(0x0A)
                buffer.append(field.name)
                if watched.intersects(field.name) { open |= source.bit }
            }
            if watched.intersects(field.value) || cookies && hasWatchedSpace(field.value) { open |= source.bit }
        }
    }

    /// A space that does not follow a semicolon.
    private func hasWatchedSpace(_ cookies: ByteView) -> Bool {
        guard rules.gates.watchesCookieSpace else { return false }
        for index in 0..<cookies.count where cookies[index] == 0x20 && cookies.at(index - 1) != 0x3B { return true }
        return false
    }

    @inline(__always)
    private mutating func isWatched(_ slot: Int) -> Bool {
        rules.watchesEveryHeader || (slot >= 0 && rules.watchedHeaders[slot])
    }

    /// Finds the gated rules of a phase that can match: looks at every value of the open sources through every chain
    /// of the phase, scans those that are new in one pass, and marks the rules whose gates opened.
    mutating func openGates(_ program: Shared<PhaseProgram>, sources: UInt8) {
        phaseValues.removeAll(keepingCapacity: true)
        for variable in program.value.gatedVariables where sources & variable.source.bit != 0 { collect(variable) }
        scanPending()
        openWords.removeAll(keepingCapacity: true)
        for _ in 0..<rules.gates.wordCount { openWords.append(0) }
        var isAnyOpen = false
        for id in phaseValues {
            let hits = values.records[Int(id)].hits
            guard hits >= 0 else { continue }
            isAnyOpen = true
            for word in openWords.indices { openWords[word] |= values.hitWords[Int(hits) + word] }
        }
        guard isAnyOpen else { return }
        for word in openWords.indices {
            var bits = openWords[word]
            while bits != 0 {
                if visits.isEmpty { visits.append(contentsOf: program.value.ungated) }
                for slot in program.value.gateSlots[word * 64 + bits.trailingZeroBitCount] {
                    visits[slot / 64] |= 1 << UInt64(slot % 64)
                }
                bits &= bits - 1
            }
        }
    }

    private mutating func collect(_ gated: PhaseProgram.GatedVariable) {
        operands.removeAll(keepingCapacity: true)
        gather(gated.variable, headerSlot: gated.slot)
        for operand in operands where operand.id >= 0 {
            for chain in gated.chains {
                let id = values.applying(chain, to: operand.id, rules, scratch)
                phaseValues.append(id)
                if values.records[Int(id)].hits == ValueTable.unscanned { values.setHits(id, ValueTable.pending) }
            }
        }
    }

    /// Scans all pending values as one text and opens gates for each.
    private mutating func scanPending() {
        let buffer = workspace.scanBuffer
        buffer.removeAll()
        var ends: [(id: Int32, end: Int)] = []
        for id in phaseValues where values.records[Int(id)].hits == ValueTable.pending {
            values.setHits(id, ValueTable.noHits)
            let classes = values.classes(id, rules)
            if classes & rules.gates.classGateBits != 0 {
                for (bit, gate) in rules.gates.classGates where classes & bit != 0 {
                    values.open(gate, for: id, wordCount: rules.gates.wordCount)
                }
            }
            buffer.append(values.bytes(id))
            ends.append((id, buffer.count))
            buffer.append(0x0A)
        }
        if ends.isEmpty { return }
        rules.gates.database?.scan(buffer.view, workspace.scratch) { literal, end in
            let opened = rules.gates.entries[literal].gates
            if opened.isEmpty { return false }
            let id = Evaluation.value(at: end, in: ends)
            for gate in opened { values.open(gate, for: id, wordCount: rules.gates.wordCount) }
            return false
        }
    }

    /// The value in whose bytes, or behind whose end, an offset falls.
    private static func value(at offset: Int, in ends: [(id: Int32, end: Int)]) -> Int32 {
        var lower = 0
        var upper = ends.count - 1
        while lower < upper {
            let middle = (lower + upper) / 2
            if ends[middle].end < offset { lower = middle + 1 } else { upper = middle }
        }
        return ends[lower].id
    }
}
