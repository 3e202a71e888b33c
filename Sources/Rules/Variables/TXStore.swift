/// The TX collection of one transaction. Names that rules mention have slots; names made at run time are kept beside.
struct TXStore {
    enum Value: Sendable {
        case unset
        case number(Int)
        case text(ByteView)
    }

    static let dynamicLimit = 1_024

    private var slots: [Value]
    /// What the slots hold when a transaction begins.
    private let initial: [Value]
    private(set) var dynamic: [(name: ByteView, value: Value)] = []

    init(_ initial: [Value]) {
        self.initial = initial
        slots = initial
        // A copy of its own, made before the first request.
        slots.reserveCapacity(initial.count + 1)
    }

    /// Goes back to the initial values.
    mutating func removeAll() {
        for index in slots.indices { slots[index] = initial[index] }
        if !dynamic.isEmpty { dynamic.removeAll(keepingCapacity: true) }
    }

    @inline(__always)
    subscript(_ slot: Int) -> Value {
        get { slots[slot] }
        set { slots[slot] = newValue }
    }

    var slotCount: Int { slots.count }

    /// Sets a name made at run time. Beyond the limit new names are dropped.
    mutating func set(_ name: ByteView, _ value: Value) {
        for index in dynamic.indices where dynamic[index].name.equalsFolded(name) {
            dynamic[index].value = value
            return
        }
        if dynamic.count < TXStore.dynamicLimit { dynamic.append((name, value)) }
    }

    func get(_ name: ByteView) -> Value {
        for entry in dynamic where entry.name.equalsFolded(name) { return entry.value }
        return .unset
    }

    var count: Int {
        slots.count { if case .unset = $0 { false } else { true } }
            + dynamic.count { if case .unset = $0.value { false } else { true } }
    }
}

extension TXStore.Value {
    var isSet: Bool { if case .unset = self { false } else { true } }

    var number: Int {
        switch self {
        case .unset: 0
        case .number(let number): number
        case .text(let text): text.leadingInteger
        }
    }

    func text(_ arena: Arena) -> ByteView {
        switch self {
        case .unset: ByteView()
        case .number(let number): arena.decimal(number)
        case .text(let text): text
        }
    }
}
