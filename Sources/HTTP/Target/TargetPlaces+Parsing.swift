extension TargetPlaces {
    /// Finds form and parts of the raw target and makes its path canonical, behind the head in the same storage.
    @inline(__always)
    mutating func parse(in table: inout FieldTable, method: Method) throws(HeadError) {
        let text = table.view(raw)
        if method != .connect, text[0] == 0x2F {
            // What most targets are: a path that is canonical as it stands.
            if PathCanonicalizer.plainLength(of: text) == text.count {
                path = raw
            } else {
                try split(from: raw.lowerBound, in: &table)
            }
        } else {
            try parseOtherForm(text, in: &table, method: method)
        }
    }

    private mutating func parseOtherForm(
        _ text: ByteView,
        in table: inout FieldTable,
        method: Method
    ) throws(HeadError) {
        if method == .connect {
            form = .authority
            authority = raw
        } else if text.equals("*") {
            guard method == .options else { throw .badTarget }
            form = .asterisk
            path = raw
        } else {
            try parseAbsolute(text, in: &table, method: method)
        }
    }

    private mutating func parseAbsolute(
        _ text: ByteView,
        in table: inout FieldTable,
        method: Method
    ) throws(HeadError) {
        let schemeLength: Int
        if text.prefix(7).equalsIgnoringCase("http://") {
            schemeLength = 7
        } else if text.prefix(8).equalsIgnoringCase("https://") {
            schemeLength = 8
        } else {
            throw .badTarget
        }
        form = .absolute
        var end = schemeLength
        while end < text.count, text[end] != 0x2F, text[end] != 0x3F { end += 1 }
        authority = raw.lowerBound + schemeLength..<raw.lowerBound + end
        guard Authority(parsing: table.view(authority)) != nil else { throw .badTarget }
        if end == text.count, method == .options { return writeAsterisk(in: &table) }
        try split(from: raw.lowerBound + end, in: &table)
    }

    /// Asking a server as a whole looks like this to a proxy; its last one says `*` (RFC 9112 section 3.2.4).
    private mutating func writeAsterisk(in table: inout FieldTable) {
        let origin = table.storageCount
        table.reserve(origin + 1)
        unsafe table.appendBytes { room in
            unsafe room[0] = 0x2A
            return 1
        }
        path = origin..<origin + 1
    }

    /// Splits path and query from `start` to the end of the target; an absent path is the root.
    private mutating func split(from start: Int, in table: inout FieldTable) throws(HeadError) {
        let text = table.view(start..<raw.upperBound)
        let pathLength = text.firstIndex(of: 0x3F) ?? text.count
        let rawPath = text.prefix(pathLength)
        let rawQuery = pathLength < text.count ? text.dropFirst(pathLength + 1) : nil
        let isPlain = pathLength > 0 && PathCanonicalizer.plainLength(of: rawPath) == pathLength
        if isPlain, rawQuery?.allSatisfy(.plainQuery) ?? true {
            path = start..<start + pathLength
            query = rawQuery.map { raw.upperBound - $0.count..<raw.upperBound }
        } else {
            // A fragment is never sent; blanks got past the line scanner, which allows them in fields.
            guard !text.contains(0x23), !text.contains(ASCII.space), !text.contains(ASCII.tab)
            else {
                throw .badTarget
            }
            rewrite(start, pathLength: pathLength, in: &table)
        }
    }

    private mutating func rewrite(_ start: Int, pathLength: Int, in table: inout FieldTable) {
        let end = raw.upperBound
        let origin = table.storageCount
        table.reserve(origin + 3 * (end - start) + 1)
        let text = table.view(start..<end)
        var parts = (path: 0, all: 0)
        var flags = Target.Flags()
        unsafe table.appendBytes { room in
            var writer = unsafe PathCanonicalizer(output: room)
            writer.writePath(text.prefix(pathLength))
            parts.path = writer.count
            flags = writer.flags
            if pathLength < text.count { writer.writeQuery(text.dropFirst(pathLength + 1)) }
            parts.all = writer.count
            return writer.count
        }
        self.flags = flags
        path = origin..<origin + parts.path
        if pathLength < end - start { query = origin + parts.path..<origin + parts.all }
    }
}
