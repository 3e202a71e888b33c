/// Runs single operators, transformations and detectors, outside of any rule.
package final class RuleProbe {
    /// Why there is no answer: an unknown name, or a parameter that is refused.
    package struct Failure: Error {
        package let message: String

        package init(message: String) { self.message = message }
    }

    package struct OperatorAnswer {
        package let isMatch: Bool
        /// The captured groups from group 0 on; a group that took no part is empty.
        package let groups: [[UInt8]]
    }

    package struct Detection {
        package let isHit: Bool
        /// What structure was seen; empty if there is nothing to say.
        package let fingerprint: String
    }

    package enum Attack: String, Sendable { case sqli, xss }

    private struct Key: Hashable {
        let name: String
        let parameter: [UInt8]
        let folder: String
    }

    private struct Prepared {
        let test: any Operator
        let slotCount: Int
    }

    /// Operators made so far; forgotten beyond this number.
    private static let preparedLimit = 512

    private let workspace: Workspace
    private var evaluation: Evaluation
    private var prepared: [Key: Prepared] = [:]

    package init() throws(RuleSetError) {
        let rules = try RuleSet.load(text: "", name: "none")
        workspace = Workspace(rules)
        evaluation = Evaluation(rules, workspace, mode: .on, uniqueID: "")
    }

    deinit { workspace.giveBack(evaluation.arena) }

    /// - Parameter folder: where data files that the parameter names are looked up.
    package func evaluate(
        operator name: String,
        parameter: [UInt8],
        input: [UInt8],
        isNegated: Bool,
        isCapturing: Bool,
        folder: String
    ) throws(Failure) -> OperatorAnswer {
        let ready = try prepare(Key(name: name, parameter: parameter, folder: folder))
        evaluation.reset(mode: .on, uniqueID: "")
        evaluation.tx = TXStore(.init(repeating: .unset, count: ready.slotCount))
        evaluation.current.isCapturing = true
        return input.withView { input in
            let isMatch = ready.test.matches(input, &evaluation)
            let groups = isMatch && isCapturing ? capturedGroups : []
            return OperatorAnswer(isMatch: isMatch != isNegated, groups: groups)
        }
    }

    private var capturedGroups: [[UInt8]] {
        var groups: [[UInt8]] = []
        guard let last = (0..<Matcher.groupLimit).last(where: { evaluation.tx[$0].isSet }) else {
            return []
        }
        for slot in 0...last { groups.append(evaluation.tx[slot].text(evaluation.arena).array) }
        return groups
    }

    private func prepare(_ key: Key) throws(Failure) -> Prepared {
        if let ready = prepared[key] { return ready }
        if let reason = OperatorName.refused[key.name.lowercased()] {
            throw Failure(message: "@\(key.name) is refused: \(reason)")
        }
        guard let name = OperatorName.named(key.name) else {
            let names = OperatorName.allCases.map(\.rawValue)
            let hint = NearestName.of(key.name, in: names).map { "; did you mean @\($0)?" } ?? ""
            throw Failure(message: "unknown operator @\(key.name)\(hint)")
        }
        let folder = key.folder.isEmpty ? "" : key.folder + "/"
        let text = SourceText(bytes: key.parameter, file: folder + "none")
        var problems = ProblemList()
        var names = evaluation.rules.names
        let macro =
            name.takesMacros(in: text)
            ? Macro(text, &names, &problems) : Macro(constant: text.bytes)
        if let problem = problems.problems.first { throw Failure(message: problem.message) }
        do {
            let test = try name.make(text, macro)
            test.prepare(workspace.scratch)
            let ready = Prepared(test: test, slotCount: names.count)
            if prepared.count >= RuleProbe.preparedLimit { prepared.removeAll() }
            prepared[key] = ready
            return ready
        } catch {
            throw Failure(message: error.message)
        }
    }

    /// Applies transformations in turn.
    package func transform(_ names: [String], input: [UInt8]) throws(Failure) -> [UInt8] {
        evaluation.reset(mode: .on, uniqueID: "")
        var value = input
        for name in names where name.lowercased() != "none" {
            guard let step = Transformation.named(name) else {
                throw Failure(message: "unknown transformation t:\(name)")
            }
            value = value.withView { (step.apply($0, evaluation.scratch) ?? $0).array }
        }
        return value
    }

    /// What `@detectSQLi` or `@detectXSS` says.
    package func detect(_ attack: Attack, input: [UInt8]) throws(Failure) -> Detection {
        let name = attack == .sqli ? "detectSQLi" : "detectXSS"
        let answer = try evaluate(
            operator: name,
            parameter: [],
            input: input,
            isNegated: false,
            isCapturing: true,
            folder: ""
        )
        // What the detector captures is its fingerprint, unless it is the value itself.
        let captured = answer.groups.first ?? []
        let fingerprint = captured == input ? "" : String(decoding: captured, as: UTF8.self)
        return Detection(isHit: answer.isMatch, fingerprint: fingerprint)
    }
}

extension SourceText {
    /// Text that stands in no file.
    init(bytes: [UInt8], file name: String) {
        self.init(file: SourceFile(name: name, bytes: []), end: .init(line: 1, column: 1))
        for (column, byte) in bytes.enumerated() {
            append(byte, at: .init(line: 1, column: Int32(clamping: column + 1)))
        }
    }
}

extension OperatorName {
    /// Whether `%{...}` in the parameter stands for a variable.
    func takesMacros(in parameter: SourceText) -> Bool {
        switch self {
        case .rx: ExpandedRegexMatch.isNeeded(parameter)
        case .rxGlobal, .pm, .validateByteRange, .ipMatch: false
        default: true
        }
    }
}
