extension Evaluation {
    /// Scans the request's head once: the line, cookies and watched header fields in one pass. Sources in which no
    /// literal and no byte of interest stands are closed: gated rules cannot match there.
    func scanHead() -> UInt8 { rules.headScan.openSources(request, fields, workspace) }

    /// Finds the gated rules of a phase that can match: looks at every value of the open sources through every chain
    /// of the phase, scans those that are new in one pass, and marks the rules whose gates opened.
    mutating func openGates(_ program: Shared<PhaseProgram>, sources: UInt8) {
        phaseValues.removeAll(keepingCapacity: true)
        for variable in program.value.gatedVariables where sources & variable.source.bit != 0 {
            collect(variable)
        }
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
        gathered = nil
        gather(gated.variable, headerSlot: gated.slot)
        for operand in operands where operand.id >= 0 {
            guard hasTime(for: operand.value.count) else { return }
            // What no chain changes stands for itself, and most values are like that.
            let isQuiet = values.classes(operand.id, rules) & gated.classes == 0
            if isQuiet { see(operand.id) }
            for chain in isQuiet ? gated.activeChains : gated.chains {
                see(values.applying(chain, to: operand.id, rules, scratch))
            }
        }
    }

    /// Has a value scanned, unless that was done.
    private mutating func see(_ id: Int32) {
        guard values.isNew(id, in: flow.phase) else { return }
        phaseValues.append(id)
        if values.records[Int(id)].hits == ValueTable.unscanned {
            values.setHits(id, ValueTable.pending)
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
