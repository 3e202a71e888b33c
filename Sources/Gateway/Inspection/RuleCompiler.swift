import Rules
import Synchronization
import Transport

/// Compiles rule sets in two compartments by turns.
///
/// The set in force lies in the one, the next is made in the other, which is empty by then: however often rules change,
/// no holes are left between what is in use.
final class RuleCompiler: Sendable {
    private struct Made {
        weak var rules: RuleSet?
    }

    private let compartments = (Compartment(), Compartment())
    /// What was made last in the first compartment.
    private let first = Mutex(Made())

    /// The set of these files and wildcards, in this order.
    ///
    /// - Parameter current: the set in force, which need not be the one made last: that may have come with a
    ///   configuration that was refused.
    /// - Throws: `RuleSetError` with all that is wrong in them.
    func load(_ files: [String], besides current: RuleSet?) throws(RuleSetError) -> RuleSet {
        let isFirst = isFirstFree(besides: current)
        let result = (isFirst ? compartments.0 : compartments.1).run {
            Result<RuleSet, RuleSetError> { () throws(RuleSetError) in try RuleSet.load(files) }
        }
        let rules = try result.get()
        if isFirst { first.withLock { $0.rules = rules } }
        return rules
    }

    /// Whether the set in force does not lie in the first compartment.
    func isFirstFree(besides current: RuleSet?) -> Bool {
        first.withLock { $0.rules == nil || $0.rules !== current }
    }
}
