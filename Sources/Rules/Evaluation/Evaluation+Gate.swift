extension Evaluation {
    /// Scans the request's head once: the line, cookies and watched header fields in one pass. Sources in which no
    /// literal and no byte of interest stands are closed: gated rules cannot match there.
    mutating func scanHead() -> UInt8 {
        let gates = rules.gates
        let buffer = workspace.scanBuffer
        let fields = fields
        buffer.removeAll()
        var open = gates.alwaysOpen | openByBytesOfLine()
        appendLine(to: buffer)
        let lineEnd = buffer.count
        appendHeaders(fields, to: buffer, cookies: true, &open)
        let cookieEnd = buffer.count
        appendHeaders(fields, to: buffer, cookies: false, &open)
        let lineSources = SourceClass.line.bit | SourceClass.path.bit | SourceClass.arguments.bit
        gates.database?.scan(buffer.view, workspace.scratch) { literal, end in
            let sources =
                end <= lineEnd ? lineSources : end <= cookieEnd ? SourceClass.cookies.bit : SourceClass.headers.bit
            open |= gates.entries[literal].sources & sources
            return false
        }
        return open
    }

    private mutating func openByBytesOfLine() -> UInt8 {
        let request = request
        let classes = rules.classes
        let separator = rules.settings.argumentSeparator
        let path = classes.classes(of: request.path)
        let arguments = classes.classes(of: request.query, apartFrom: separator)
        // What `split` cut off, and the separators, belong to the line alone.
        var line = path | arguments | classes.classes(of: request.method) | classes.classes(of: request.version)
        line |= classes.table[Int(separator)] | classes.table[0x3F] | classes.table[0x20]
        if request.path.count + request.query.count + 1 < request.target.count {
            line |= classes.classes(of: request.target)
        }
        var open: UInt8 = 0
        if line & rules.gates.watchedClasses[Int(SourceClass.line.rawValue)] != 0 { open |= SourceClass.line.bit }
        if path & rules.gates.watchedClasses[Int(SourceClass.path.rawValue)] != 0 { open |= SourceClass.path.bit }
        if arguments & rules.gates.watchedClasses[Int(SourceClass.arguments.rawValue)] != 0 {
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

    private mutating func appendHeaders(_ fields: FieldTable, to buffer: ByteBuffer, cookies: Bool, _ open: inout UInt8)
    {
        let source = cookies ? SourceClass.cookies : .headers
        let watched = rules.gates.watchedClasses[Int(source.rawValue)]
        var next = fields.first(.requestHeaders)
        while let index = next {
            let field = fields[index]
            next = fields.next(index)
            let slot = Int(field.slot)
            guard cookies ? slot == HeaderSlots.cookie : isWatched(slot) else { continue }
            buffer.append(0x0A)
            buffer.append(field.value)
            var classes =
                cookies ? rules.classes.classes(ofCookies: field.value) : rules.classes.classes(of: field.value)
            if !cookies, rules.watchesEveryHeader {
                buffer.append(0x0A)
                buffer.append(field.name)
                classes |= rules.classes.classes(of: field.name)
            }
            if classes & watched != 0 { open |= source.bit }
        }
    }

    @inline(__always)
    private mutating func isWatched(_ slot: Int) -> Bool {
        rules.watchesEveryHeader || (slot >= 0 && rules.watchedHeaders[slot])
    }

    /// Finds the gated rules of a phase that can match: looks at every value of the open sources through every chain
    /// of the phase, scans those that are new in one pass, and marks the rules whose gates opened.
    mutating func openGates(_ program: PhaseProgram, sources: UInt8) {
        phaseValues.removeAll(keepingCapacity: true)
        for variable in program.gatedVariables where sources & variable.source.bit != 0 { collect(variable) }
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
                for slot in program.gateSlots[word * 64 + bits.trailingZeroBitCount] {
                    visits[slot / 64] |= 1 << UInt64(slot % 64)
                }
                bits &= bits - 1
            }
        }
    }

    private mutating func collect(_ gated: PhaseProgram.GatedVariable) {
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
    private mutating func scanPending() {
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
            let id = Evaluation.value(at: end, in: ends)
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
