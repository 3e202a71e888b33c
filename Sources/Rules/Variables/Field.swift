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
}

/// The collections of one transaction, each a list of fields in order.
enum FieldList: Int, CaseIterable {
    case requestHeaders, argumentsGet, argumentsPost, cookies, files, fileNames, fileSizes, partHeaders
    case multipartNames, multipartFilenames, responseHeaders, xml
}

/// All fields of a transaction: one array, in which each list is linked.
struct FieldTable {
    private(set) var fields: [Field] = []
    private var firsts = [Int32](repeating: -1, count: FieldList.allCases.count)
    private var lasts = [Int32](repeating: -1, count: FieldList.allCases.count)
    private var counts = [Int32](repeating: 0, count: FieldList.allCases.count)

    mutating func removeAll() {
        fields.removeAll(keepingCapacity: true)
        for index in firsts.indices {
            firsts[index] = -1
            lasts[index] = -1
            counts[index] = 0
        }
    }

    mutating func append(_ list: FieldList, name: ByteView, value: ByteView, slot: Int = -1) {
        let index = Int32(truncatingIfNeeded: fields.count)
        fields.append(Field(name: name, value: value, slot: Int16(truncatingIfNeeded: slot)))
        let last = lasts[list.rawValue]
        if last < 0 { firsts[list.rawValue] = index } else { fields[Int(last)].next = index }
        lasts[list.rawValue] = index
        counts[list.rawValue] += 1
    }

    /// The first field of a list; nil if it is empty.
    func first(_ list: FieldList) -> Int? {
        let index = firsts[list.rawValue]
        return index < 0 ? nil : Int(index)
    }

    func next(_ index: Int) -> Int? {
        let next = fields[index].next
        return next < 0 ? nil : Int(next)
    }

    func count(_ list: FieldList) -> Int { Int(counts[list.rawValue]) }

    subscript(_ index: Int) -> Field { fields[index] }

    mutating func setValueID(_ index: Int, _ id: Int32) { fields[index].valueID = id }
    mutating func setNameID(_ index: Int, _ id: Int32) { fields[index].nameID = id }
}
