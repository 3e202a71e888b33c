/// One look at the raw bytes of a request's head, before anything is split or decoded: says in which sources rules
/// behind gates could match at all.
///
/// A source is open if it holds a byte that ordinary requests do not hold there, or a literal of a rule. Literals with
/// such a byte in them need not be looked for, which leaves a small set of literals.
final class HeadScan: Sendable {
    /// Bytes that browsers encode, or never send, in the parts of a head.
    private static let rareRanges: [ClosedRange<UInt8>] = [
        0x00...0x1F, 0x22...0x27, 0x2A...0x2B, 0x3C...0x3C, 0x5C...0x5C, 0x60...0x60, 0x7C...0x7C,
        0x80...0xFF,
    ]
    private static let lineSources =
        SourceClass.line.bit | SourceClass.path.bit | SourceClass.arguments.bit
    private static let headSources: [SourceClass] = [.line, .path, .arguments, .cookies, .headers]

    /// So many literals that begin alike are looked for by their beginning, of so many bytes at least.
    private static let joinedCount = 3
    private static let joinedBytes = 5

    private let line: ByteSet
    /// Whatever is watched in the line is watched in the path and in the arguments, and is no question mark.
    private let isLineInParts: Bool
    private let path: ByteSet
    private let arguments: ByteSet
    private let cookies: ByteSet
    private let headers: ByteSet
    /// The space behind the semicolon of a cookie is no reason to look closer, any other space may be.
    private let watchesCookieSpace: Bool
    private let watchesEveryHeader: Bool
    private let watchedHeaders: [Bool]
    private let database: LiteralDatabase?
    /// For each literal the sources it opens.
    private let literalSources: [UInt8]
    /// False if the literals could not be compiled.
    let isComplete: Bool

    var literalCount: Int { literalSources.count }

    init(
        _ gates: GateTable,
        _ kinds: ByteKindTable,
        watchedSlots: [Bool],
        watchesEveryHeader: Bool,
        separator: UInt8
    ) {
        var watched = HeadScan.headSources.map { source in
            (0...255 as ClosedRange<UInt8>).map { byte in
                !HeadScan.isDelimiter(byte, source, separator)
                    && gates.isWatched(kinds[byte], source)
            }
        }
        var literals: [(bytes: [UInt8], sources: UInt8)] = []
        for (literal, entry) in zip(gates.literals, gates.entries) {
            let left = HeadScan.uncovered(literal, entry.sources, &watched, separator)
            if left != 0 { literals.append((literal, left)) }
        }
        HeadScan.fill(&watched, separator)
        let kept = HeadScan.shortest(HeadScan.joined(literals))
        let sets = watched.map { members in
            ByteSet((0...255 as ClosedRange<UInt8>).filter { members[Int($0)] })
        }
        line = sets[0]
        path = sets[1]
        arguments = sets[2]
        cookies = sets[3]
        headers = sets[4]
        isLineInParts =
            line.isSubset(of: path) && line.isSubset(of: arguments) && !line.contains(0x3F)
        watchesCookieSpace = gates.isWatched(kinds[0x20], .cookies)
        self.watchesEveryHeader = watchesEveryHeader
        watchedHeaders = watchedSlots
        database = LiteralDatabase(kept.map(\.bytes))
        literalSources = kept.map(\.sources)
        isComplete = database != nil || kept.isEmpty
    }

    /// Bytes that stand between the values of a source, never in them.
    private static func isDelimiter(_ byte: UInt8, _ source: SourceClass, _ separator: UInt8)
        -> Bool
    {
        switch source {
        case .arguments: byte == separator
        case .cookies: byte == 0x3B || byte == 0x20
        default: false
        }
    }

    private static func isRare(_ byte: UInt8, _ source: SourceClass, _ separator: UInt8) -> Bool {
        if source == .line || source == .arguments, byte == separator || byte == 0x26 {
            return false
        }
        // Cookies of statistics services hold dollar signs.
        if source == .cookies, byte == 0x24 { return false }
        return rareRanges.contains { $0.contains(byte) }
    }

    /// The sources for which a literal has to be looked for; for the others a byte of it is watched.
    private static func uncovered(
        _ literal: [UInt8],
        _ sources: UInt8,
        _ watched: inout [[Bool]],
        _ separator: UInt8
    ) -> UInt8 {
        var left: UInt8 = 0
        for (index, source) in headSources.enumerated() where sources & source.bit != 0 {
            if literal.contains(where: { !$0.isLetter && watched[index][Int($0)] }) { continue }
            if source == .arguments, literal.contains(separator) { continue }
            if let rare = literal.first(where: { isRare($0, source, separator) }) {
                watched[index][Int(rare)] = true
            } else {
                left |= source.bit
            }
        }
        return left
    }

    /// Widens each set to whole ranges, which are compared at once, as are control bytes and those above 7F together.
    private static func fill(_ watched: inout [[Bool]], _ separator: UInt8) {
        for (index, source) in headSources.enumerated() where source != .line {
            for range in rareRanges where range.contains(where: { watched[index][Int($0)] }) {
                for byte in range where isRare(byte, source, separator) {
                    watched[index][Int(byte)] = true
                }
                guard range.contains(0) else { continue }
                for byte in 0x80...0xFF { watched[index][byte] = true }
            }
        }
    }

    /// Literals that begin alike, replaced by that beginning.
    private static func joined(_ literals: [(bytes: [UInt8], sources: UInt8)]) -> [(
        bytes: [UInt8], sources: UInt8
    )] {
        let groups = Dictionary(grouping: literals) { Array($0.bytes.prefix(joinedBytes)) }
        return groups.flatMap { beginning, members in
            guard members.count >= joinedCount, beginning.count == joinedBytes else {
                return members
            }
            var common = members[0].bytes
            for member in members {
                common = zip(common, member.bytes).prefix { $0 == $1 }.map(\.0)
            }
            return [(common, members.reduce(0) { $0 | $1.sources })]
        }
    }

    /// Without the literals that hold another one: that one opens their sources too.
    private static func shortest(_ literals: [(bytes: [UInt8], sources: UInt8)]) -> [(
        bytes: [UInt8], sources: UInt8
    )] {
        var kept: [(bytes: [UInt8], sources: UInt8)] = []
        for literal in literals.sorted(by: { $0.bytes.count < $1.bytes.count }) {
            let part = kept.firstIndex { shorter in
                literal.bytes.withView { view in
                    shorter.bytes.withView { view.firstRange(of: $0) != nil }
                }
            }
            if let part { kept[part].sources |= literal.sources } else { kept.append(literal) }
        }
        return kept
    }

    /// Makes `scratch` large enough.
    func prepare(_ scratch: ScanScratch) { database?.prepare(scratch) }

    /// The open sources of a request, one bit each. `fields` holds no fields but those of the head.
    func openSources(_ request: RequestData, _ fields: FieldTable, _ workspace: Workspace) -> UInt8 {
        let buffer = workspace.scanBuffer
        buffer.removeAll()
        var open = SourceClass.content.bit | openByBytes(request)
        buffer.append(request.method)
        buffer.append(0x20)
        buffer.append(request.target)
        buffer.append(0x20)
        buffer.append(request.version)
        workspace.headParts.removeAll(keepingCapacity: true)
        workspace.headParts.append(HeadPart(sources: HeadScan.lineSources, end: buffer.count))
        if fields.requestHeaderCount(HeaderSlots.cookie) > 0 {
            open |= appendCookies(fields, workspace)
        }
        open |= appendHeaders(fields, workspace)
        database?.open(&workspace.headParts, of: buffer.view, workspace.scratch, literalSources)
        return open | learn(workspace)
    }

    /// What the scan of the parts has opened; remembers it of each value.
    private func learn(_ workspace: Workspace) -> UInt8 {
        var open: UInt8 = 0
        var start = 0
        for part in workspace.headParts {
            open |= part.open
            if let source = part.field {
                let value = workspace.scanBuffer.view[(start + 1)..<part.end]
                workspace.headValues.keep(value, source, isOpen: part.open != 0)
            }
            start = part.end
        }
        return open
    }

    @inline(__always)
    private func isWatched(_ slot: Int) -> Bool {
        watchesEveryHeader || slot >= 0 && watchedHeaders[slot]
    }

    private func openByBytes(_ request: RequestData) -> UInt8 {
        var open: UInt8 = 0
        if path.intersects(request.path) { open |= SourceClass.path.bit }
        if arguments.intersects(request.query) { open |= SourceClass.arguments.bit }
        // Path and query are the whole target as a rule, and have just been looked at for the same bytes.
        let parts = request.path.count + (request.query.isEmpty ? 0 : request.query.count + 1)
        let isTargetSeen = isLineInParts && open == 0 && parts == request.target.count
        if line.contains(0x20) || !isTargetSeen && line.intersects(request.target)
            || line.intersects(request.method)
            || line.intersects(request.version)
        {
            open |= SourceClass.line.bit
        }
        return open
    }

    private func appendCookies(_ fields: FieldTable, _ workspace: Workspace) -> UInt8 {
        var open: UInt8 = 0
        for index in 0..<fields.requestHeaderLimit
        where Int(fields.slot(index)) == HeaderSlots.cookie {
            guard fields.isRequestHeader(index) else { continue }
            open |= append(fields[index].value, .cookies, workspace)
        }
        return open
    }

    private func appendHeaders(_ fields: FieldTable, _ workspace: Workspace) -> UInt8 {
        var open: UInt8 = 0
        for index in 0..<fields.requestHeaderLimit where isWatched(Int(fields.slot(index))) {
            guard fields.isRequestHeader(index) else { continue }
            open |= append(fields[index].value, .headers, workspace)
            if watchesEveryHeader { open |= append(fields[index].name, .headers, workspace) }
        }
        return open
    }

    /// What a text is known to open; one that is new is added to what is to be scanned.
    private func append(_ text: ByteView, _ source: SourceClass, _ workspace: Workspace) -> UInt8 {
        if let isOpen = workspace.headValues.isOpen(text, source) { return isOpen ? source.bit : 0 }
        workspace.scanBuffer.append(0x0A)
        workspace.scanBuffer.append(text)
        let isSuspicious =
            source == .cookies
            ? cookies.intersects(text) || watchesCookieSpace && HeadScan.hasStraySpace(text)
            : headers.intersects(text)
        workspace.headParts.append(
            HeadPart(
                field: source,
                sources: source.bit,
                open: isSuspicious ? source.bit : 0,
                end: workspace.scanBuffer.count
            )
        )
        return 0
    }

    /// A space that does not follow a semicolon.
    private static func hasStraySpace(_ cookies: ByteView) -> Bool {
        var next = cookies.firstIndex(of: 0x20)
        while let space = next {
            if cookies.at(space - 1) != 0x3B { return true }
            next = cookies.firstIndex(of: 0x20, from: space + 1)
        }
        return false
    }
}
