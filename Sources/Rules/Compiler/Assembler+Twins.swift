extension Assembler {
    struct SelectorKey: Hashable {
        let variable: Variable
        let selector: TargetDefinition.Selector
    }

    /// What a rule asks of which values. As long as the values stay the same, so does the answer.
    struct Question: Hashable {
        let targets: Range<Int>
        let exclusions: [String]
        let chain: Int
        let test: ObjectIdentifier
        let isNegated: Bool
        let isMultiMatch: Bool
    }

    /// The number of what a rule asks.
    mutating func question(_ rule: CompiledRule, _ builder: RuleBuilder, _ test: any Operator)
        -> Int
    {
        let question = Question(
            targets: rule.targets,
            exclusions: builder.exclusions.map(\.source),
            chain: rule.chain,
            test: ObjectIdentifier(test),
            isNegated: builder.isNegated,
            isMultiMatch: builder.isMultiMatch
        )
        let number = questions[question] ?? questions.count
        questions[question] = number
        return number
    }

    /// Keeps the numbers of questions that several rules ask, and counts those.
    mutating func numberTwins() {
        var askers = [Int](repeating: 0, count: questions.count)
        for rule in rules where rule.twins >= 0 { askers[rule.twins] += 1 }
        var numbers = [Int](repeating: -1, count: askers.count)
        for question in askers.indices where askers[question] > 1 {
            numbers[question] = twinCount
            twinCount += 1
        }
        for index in rules.indices where rules[index].twins >= 0 {
            rules[index].twins = numbers[rules[index].twins]
        }
    }
}
