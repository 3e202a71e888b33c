/// `setvar`: sets, changes or removes a member of a collection.
///
///     SecRule ARGS "@rx x" "id:1,phase:2,pass,setvar:tx.score=+%{tx.critical},setvar:!tx.seen"
struct SetVariable: Sendable {
    enum Change: Sendable {
        case assign, add, subtract, remove
    }

    /// `TX`, or a persistent collection.
    let variable: Variable
    let name: Macro
    /// The TX slot, if the name holds no macro.
    let slot: Int?
    let change: Change
    let value: Macro

    /// Reads `tx.name=value`, `tx.name=+1`, `tx.name=-1`, `tx.name` or `!tx.name`.
    init?(_ text: SourceText, _ names: inout SlotNames, _ problems: inout ProblemList) {
        let isRemoval = text.at(0) == 0x21
        let whole = text[(isRemoval ? 1 : 0)..<text.count].trimmed
        let equals = whole.bytes.firstIndex(of: 0x3D)
        let target = whole[0..<(equals ?? whole.count)].trimmed
        let dot = target.bytes.firstIndex { $0 == 0x2E || $0 == 0x3A } ?? target.count
        let collection = Variable.named(target[0..<dot].text)
        guard let collection, collection == .tx || collection.isPersistent, dot + 1 < target.count
        else {
            problems.error("setvar", "setvar needs a name such as tx.name", at: text)
            return nil
        }
        let member = target[(dot + 1)..<target.count]
        if equals == nil, member.bytes.contains(where: { $0 == 0x2B || $0 == 0x20 }) {
            problems.error(
                "setvar",
                "setvar has no `=`",
                at: text,
                hint: "write setvar:tx.name=+1 to add"
            )
            return nil
        }
        variable = collection
        name = Macro(member, &names, &problems)
        slot = collection == .tx ? name.constant.map { names.slot($0.array) } : nil
        guard let equals else {
            change = isRemoval ? .remove : .assign
            value = Macro(constant: [UInt8(ascii: "1")])
            return
        }
        let right = whole[(equals + 1)..<whole.count].trimmed
        switch right.at(0) {
        case 0x2B: change = .add
        case 0x2D: change = .subtract
        default: change = .assign
        }
        value = Macro(change == .assign ? right : right[1..<right.count], &names, &problems)
    }
}
