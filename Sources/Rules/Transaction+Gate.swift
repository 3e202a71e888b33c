extension Transaction {
    /// Scans the request's head once: the line, cookies and watched header fields in one pass. Sources in which no
    /// literal and no byte of interest stands are closed: gated rules cannot match there.
    func scanHead() -> UInt8 {
        let gates = rules.gates
        let buffer = workspace.scanBuffer
        buffer.removeAll()
        var open = gates.alwaysOpen
        appendLine(to: buffer)
        let lineEnd = buffer.count
        let line = rules.classes.classes(of: buffer.view)
        if line & gates.watchedClasses[Int(SourceClass.line.rawValue)] != 0 { open |= SourceClass.line.bit }
        appendHeaders(to: buffer, cookies: true, &open)
        let cookieEnd = buffer.count
        appendHeaders(to: buffer, cookies: false, &open)
        gates.database?.scan(buffer.view, workspace.scratch) { literal, end in
            let source = end <= lineEnd ? SourceClass.line : end <= cookieEnd ? .cookies : .headers
            open |= gates.entries[literal].sources & source.bit
            return false
        }
        return open
    }

    private func appendLine(to buffer: ByteBuffer) {
        buffer.append(request.method)
        buffer.append(0x20)
        buffer.append(request.target)
        buffer.append(0x20)
        buffer.append(request.version)
    }

    private func appendHeaders(to buffer: ByteBuffer, cookies: Bool, _ open: inout UInt8) {
        let source = cookies ? SourceClass.cookies : .headers
        let watched = rules.gates.watchedClasses[Int(source.rawValue)]
        var index = fields.first(.requestHeaders)
        while let found = index {
            let field = fields[found]
            let slot = Int(field.slot)
            let isWanted = cookies ? slot == HeaderSlots.cookie : isWatched(slot)
            if isWanted {
                buffer.append(0x0A)
                buffer.append(field.value)
                var classes = rules.classes.classes(of: field.value)
                if rules.watchesEveryHeader {
                    buffer.append(0x0A)
                    buffer.append(field.name)
                    classes |= rules.classes.classes(of: field.name)
                }
                if classes & watched != 0 { open |= source.bit }
            }
            index = fields.next(found)
        }
    }

    @inline(__always)
    private func isWatched(_ slot: Int) -> Bool {
        rules.watchesEveryHeader || (slot >= 0 && rules.watchedHeaders[slot])
    }

    /// Finds the gated rules of a phase that can match: looks at every value of the open sources through every chain
    /// of the phase, scans those that are new in one pass, and marks the rules whose gates opened.
    func openGates(_ program: PhaseProgram, sources: UInt8) {
        phaseValues.removeAll(keepingCapacity: true)
        for variable in program.gatedVariables where sources & variable.source.bit != 0 { collect(variable) }
        scanPending()
        var words = [UInt64](repeating: 0, count: rules.gates.wordCount)
        var isAnyOpen = false
        for id in phaseValues {
            let hits = values.records[Int(id)].hits
            guard hits >= 0 else { continue }
            isAnyOpen = true
            for word in words.indices { words[word] |= values.hitWords[Int(hits) + word] }
        }
        guard isAnyOpen else { return }
        for word in words.indices {
            var bits = words[word]
            while bits != 0 {
                for slot in program.gateSlots[word * 64 + bits.trailingZeroBitCount] {
                    visits[slot / 64] |= 1 << UInt64(slot % 64)
                }
                bits &= bits - 1
            }
        }
    }

    private func collect(_ gated: PhaseProgram.GatedVariable) {
        operands.removeAll(keepingCapacity: true)
        gather(gated.variable, headerSlot: gated.slot)
        let scratch = TransformationScratch(arena: arena, codePage: rules.codePage)
        for operand in operands where operand.id >= 0 {
            for chain in gated.chains {
                let id = values.applying(rules.chains[chain], to: operand.id, rules.classes, scratch)
                phaseValues.append(id)
                if values.records[Int(id)].hits == ValueTable.unscanned { values.setHits(id, ValueTable.pending) }
            }
        }
    }

    /// Scans all pending values as one text and opens gates for each.
    private func scanPending() {
        let gates = rules.gates
        let buffer = workspace.scanBuffer
        buffer.removeAll()
        var ends: [(id: Int32, end: Int)] = []
        for id in phaseValues where values.records[Int(id)].hits == ValueTable.pending {
            values.setHits(id, ValueTable.noHits)
            let classes = values.classes(id, rules.classes)
            if classes & gates.classGateBits != 0 {
                for (bit, gate) in gates.classGates where classes & bit != 0 {
                    values.open(gate, for: id, wordCount: gates.wordCount)
                }
            }
            buffer.append(values.bytes(id))
            ends.append((id, buffer.count))
            buffer.append(0x0A)
        }
        if ends.isEmpty { return }
        gates.database?.scan(buffer.view, workspace.scratch) { literal, end in
            let opened = gates.entries[literal].gates
            if opened.isEmpty { return false }
            let id = Transaction.value(at: end, in: ends)
            for gate in opened { values.open(gate, for: id, wordCount: gates.wordCount) }
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
