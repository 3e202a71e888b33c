/// How many admissions the rate allows at a moment: the generic cell rate algorithm in whole numbers.
///
/// The debt is what past admissions used up and time has not yet given back. In any window of w seconds at most
/// rate · w + burst admissions are spent.
struct AdmissionBudget: Hashable, Sendable {
    private(set) var debtUnits: Int64 = 0
    private(set) var updatedMilliseconds: Int64 = 0

    init() {}

    /// Goes on from what another one had come to.
    init(debt: Int64, at milliseconds: Int64) {
        debtUnits = debt
        updatedMilliseconds = milliseconds
    }

    /// Brings the debt up to date; a clock that stepped back gives nothing.
    ///
    /// Small steps back are callers that read the clock before one another, and must not be paid for twice; a large one
    /// is a clock that was set, which would stop all admission until it came round again.
    mutating func advance(to now: Int64, _ rules: QueueRules) {
        let elapsed = now - updatedMilliseconds
        guard elapsed > 0 else {
            if elapsed < -10_000 { updatedMilliseconds = now }
            return
        }
        updatedMilliseconds = now
        // Ten minutes of any allowed rate and burst pay every debt, and keep the product far from overflow.
        let (paid, overflow) = elapsed.multipliedReportingOverflow(by: rules.unitsPerMillisecond)
        debtUnits = overflow ? 0 : max(0, debtUnits - paid)
    }

    /// Admissions that may be spent now, after `advance`.
    func available(_ rules: QueueRules) -> Int64 {
        max(0, (rules.burst * QueueRules.admissionUnits - debtUnits) / QueueRules.admissionUnits)
    }

    /// Milliseconds until one admission may be spent; 0 if it may be now.
    func waitMilliseconds(_ rules: QueueRules) -> Int64 {
        let missing = debtUnits - (rules.burst - 1) * QueueRules.admissionUnits
        guard missing > 0 else { return 0 }
        return (missing + rules.unitsPerMillisecond - 1) / rules.unitsPerMillisecond
    }

    mutating func spend() { debtUnits += QueueRules.admissionUnits }

    /// Takes one back that was spent and came to nothing.
    mutating func refund() { debtUnits = max(0, debtUnits - QueueRules.admissionUnits) }
}
