/// What one worker lends to its transactions: match data, JIT stack, scan scratch and spare arenas.
///
/// Belongs to one worker and one rule set; not to be used from two threads at a time.
public final class Workspace {
    let rules: RuleSet

    /// - Parameter rules: the set whose transactions will use the workspace.
    public init(_ rules: RuleSet) {
        self.rules = rules
    }
}
