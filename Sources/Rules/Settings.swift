/// The engine settings of a rule set, by the directives that set them.
struct Settings: Sendable {
    /// What happens to a body beyond its limit.
    enum LimitAction: Sendable {
        /// The transaction is refused.
        case reject
        /// The part up to the limit is inspected.
        case processPartial
    }

    var mode: EngineMode = .on
    var requestBodyAccess = false
    var responseBodyAccess = false
    var requestBodyLimitBytes = 13_107_200
    var requestBodyNoFilesLimitBytes = 131_072
    var requestBodyLimitAction: LimitAction = .reject
    var requestBodyJSONDepthLimit = 512
    var responseBodyLimitBytes = 524_288
    var responseBodyLimitAction: LimitAction = .processPartial
    var responseBodyTypes: [String] = ["text/plain", "text/html", "text/xml"]
    var argumentLimit = 1_000
    var argumentSeparator: UInt8 = 0x26
    var patternMatchLimit: UInt32 = 100_000
    var componentSignatures: [String] = []
    /// Sets the persistent collections of one application apart from those of another.
    var webAppID = ""
    /// How many seconds a persistent collection is kept after its last use.
    var collectionTimeout = 3_600
    var uploadFileLimit = 100
}
