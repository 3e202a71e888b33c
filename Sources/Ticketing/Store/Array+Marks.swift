extension Array {
    /// The elements, and the last one again until there are 1, 2, 4, 8 ... of them. For lists in which a
    /// value that comes twice does no harm: so a few prepared statements serve lists of any length.
    var padded: [Element] {
        guard let last else { return [] }
        var size = 1
        while size < count { size *= 2 }
        return self + repeatElement(last, count: size - count)
    }

    /// The marks of a statement that takes the elements as a list.
    var marks: String { Array<String>(repeating: "?", count: count).joined(separator: ", ") }
}
