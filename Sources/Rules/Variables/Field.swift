/// A named value of a collection: a header field, an argument, a cookie, a file.
struct Field {
    let name: ByteView
    let value: ByteView
    /// Numbers of name and value among the transaction's values; -1 until somebody asks.
    var nameID: Int32 = -1
    var valueID: Int32 = -1
    /// The next field of the same list; -1 at the end.
    var next: Int32 = -1
    /// The header's slot; -1 if no rule mentions it.
    let slot: Int16
    let list: FieldList
}

/// The collections of one transaction, each a list of fields in order.
enum FieldList: Int, CaseIterable {
    case requestHeaders, argumentsGet, argumentsPost, cookies, files, fileNames, fileSizes,
        partHeaders
    case multipartNames, multipartFilenames, responseHeaders, xml, xmlNodes, fileContents,
        environment
}

/// All fields of a transaction: one array, in which each list is linked.
struct FieldTable {
    private struct List {
        var first: Int32 = -1
        var last: Int32 = -1
        var count: Int32 = 0
    }

    private(set) var fields: [Field] = []
    private var lists = InlineArray<15, List>(repeating: List())
    /// How many request header fields each slot has.
    private var slotCounts: [Int32]

    init(slotCount: Int) { slotCounts = .init(repeating: 0, count: slotCount) }

    mutating func removeAll() {
        fields.removeAll(keepingCapacity: true)
        lists = InlineArray(repeating: List())
        for index in slotCounts.indices { slotCounts[index] = 0 }
    }

    mutating func append(_ list: FieldList, name: ByteView, value: ByteView, slot: Int = -1) {
        let index = Int32(truncatingIfNeeded: fields.count)
        fields.append(
            Field(name: name, value: value, slot: Int16(truncatingIfNeeded: slot), list: list)
        )
        let last = lists[list.rawValue].last
        if last < 0 { lists[list.rawValue].first = index } else { fields[Int(last)].next = index }
        lists[list.rawValue].last = index
        lists[list.rawValue].count += 1
        if slot >= 0, list == .requestHeaders { slotCounts[slot] += 1 }
    }

    /// The first field of a list; nil if it is empty.
    func first(_ list: FieldList) -> Int? {
        let index = lists[list.rawValue].first
        return index < 0 ? nil : Int(index)
    }

    func next(_ index: Int) -> Int? {
        let next = fields[index].next
        return next < 0 ? nil : Int(next)
    }

    func count(_ list: FieldList) -> Int { Int(lists[list.rawValue].count) }

    /// How many request header fields are in a slot.
    func requestHeaderCount(_ slot: Int) -> Int { Int(slotCounts[slot]) }

    subscript(_ index: Int) -> Field { fields[index] }

    /// All request header fields stand below this index.
    var requestHeaderLimit: Int { Int(lists[FieldList.requestHeaders.rawValue].last) + 1 }

    func slot(_ index: Int) -> Int16 { fields[index].slot }

    func isRequestHeader(_ index: Int) -> Bool { fields[index].list == .requestHeaders }

    mutating func setValueID(_ index: Int, _ id: Int32) { fields[index].valueID = id }
    mutating func setNameID(_ index: Int, _ id: Int32) { fields[index].nameID = id }
}
