/// Numbers of places that were given out without one, until they are past their grace.
struct ProvisionalNumbers: Sendable {
    /// More than one crowd; whoever comes beyond is told to wait until some of these are over.
    static let limit = 1_000_000

    private(set) var numbers: [ProvisionalPlace: Int64]
    private var dropped: Int64 = 0

    init(_ numbers: [ProvisionalPlace: Int64] = [:]) { self.numbers = numbers }

    var isFull: Bool { numbers.count >= Self.limit }

    mutating func add(_ place: ProvisionalPlace, number: Int64) { numbers[place] = number }

    func number(of place: ProvisionalPlace) -> Int64? { numbers[place] }

    /// Forgets places past their grace.
    mutating func drop(through floor: Int64) {
        guard floor > dropped else { return }
        dropped = floor
        if !numbers.isEmpty { numbers = numbers.filter { $0.value > floor } }
    }
}
