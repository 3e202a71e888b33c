extension TargetPlaces {
    /// Finds form and parts of the raw target and makes its path canonical, behind the head in the same storage.
    mutating func parse(in section: FieldSection, method: Method) throws(HeadError) {
        let text = section.view(raw.lowerBound, raw.count)
        guard !text.contains(ASCII.tab), !text.contains(ASCII.space), !text.contains(0x23) else { throw .badTarget }
        if method == .connect {
            form = .authority
            authority = raw
        } else if text[0] == 0x2F {
            try split(from: raw.lowerBound, in: section)
        } else if text.equals("*") {
            guard method == .options else { throw .badTarget }
            form = .asterisk
            path = raw
        } else {
            try parseAbsolute(text, in: section, method: method)
        }
    }

    private mutating func parseAbsolute(_ text: ByteView, in section: FieldSection, method: Method) throws(HeadError) {
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
        guard end > schemeLength else { throw .badTarget }
        authority = raw.lowerBound + schemeLength..<raw.lowerBound + end
        guard Authority(parsing: section.view(authority.lowerBound, authority.count)) != nil else { throw .badTarget }
        try split(from: raw.lowerBound + end, in: section)
    }

    /// Splits path and query from `start` to the end of the target; an absent path is the root.
    private mutating func split(from start: Int, in section: FieldSection) throws(HeadError) {
        let text = section.view(start, raw.upperBound - start)
        let mark = PathCanonicalizer.plainLength(of: text)
        if mark == text.count, mark > 0 {
            path = start..<raw.upperBound
            return
        }
        let pathLength = text.firstIndex(of: 0x3F, from: mark) ?? text.count
        let isPlain = pathLength == mark && mark > 0
        if isPlain, pathLength == text.count || text.dropFirst(pathLength + 1).allSatisfy(.plainQuery) {
            path = start..<start + pathLength
            query = start + pathLength + 1..<raw.upperBound
            return
        }
        rewrite(start, pathLength: pathLength, in: section)
    }

    private mutating func rewrite(_ start: Int, pathLength: Int, in section: FieldSection) {
        let length = raw.upperBound - start
        let origin = section.storageCount
        section.reserve(origin + 3 * length + 1)
        let text = section.view(start, length)
        var writer = unsafe PathCanonicalizer(
            output: section.storage + origin,
            capacity: section.storageCapacity - origin
        )
        writer.writePath(text.prefix(pathLength))
        path = origin..<origin + writer.count
        flags = writer.flags
        if pathLength < length {
            let queryStart = writer.count
            writer.writeQuery(text.dropFirst(pathLength + 1))
            query = origin + queryStart..<origin + writer.count
        }
        section.storageCount = origin + writer.count
    }
}
