/// Published cases that this engine answers differently, each with its reason.
enum EngineCaseExceptions {
    static let operators: [String: String] = [:]
    static let transformations: [String: String] = [:]
    static let scenarios: [String: String] = [:]
    /// The share of agreement that must hold, of what is published as a hit and of the rest.
    static let detectorFloors: [String: (hits: Double, others: Double)] = [:]
}
