import Rules
import Synchronization
import Transport

/// Compiles rule sets in two compartments by turns.
///
/// The set in force lies in the one, the next is made in the other, which is empty by then: however often rules change,
/// no holes are left between what is in use.
final class RuleCompiler: Sendable {
    private let compartments = (Compartment(), Compartment())
    private let isOdd = Atomic<Bool>(false)

    /// The set of these files and wildcards, in this order.
    ///
    /// - Throws: `RuleSetError` with all that is wrong in them.
    func load(_ files: [String]) throws(RuleSetError) -> RuleSet {
        let wasOdd = isOdd.load(ordering: .relaxed)
        let compartment = wasOdd ? compartments.1 : compartments.0
        let result = compartment.run {
            Result<RuleSet, RuleSetError> { () throws(RuleSetError) in try RuleSet.load(files) }
        }
        let rules = try result.get()
        isOdd.store(!wasOdd, ordering: .relaxed)
        return rules
    }
}
