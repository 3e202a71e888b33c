/// Both ends of the connection a request came on.
struct Connection {
    var clientAddress = ""
    var clientPort = 0
    var serverAddress = ""
    var serverPort = 0
}

/// The status line of the response.
struct ResponseData {
    var status = 0
    var version = ByteView()
}

/// How far the phases of a transaction have come.
struct PhaseFlow {
    var phase = 0
    /// The last phase that `allow` lets through without rules.
    var allowedThrough = 0
}

/// The rule that runs, as its operator, its macros and its log line see it.
struct CurrentRule {
    var isCapturing = false
    /// The metadata of the head.
    var head = -1
    /// Position in the chain; 0 for the head.
    var link = 0
    /// What matched last.
    var match = Operand(
        variable: .matchedVar,
        key: ByteView(),
        value: ByteView(),
        id: -1,
        isCount: false
    )
    var hasMatch = false
    /// A macro is reading the rule's own msg or logdata.
    var isQuoted = false
}

/// A value that a rule looks at.
struct Operand {
    let variable: Variable
    /// The name of the member; empty for single values.
    let key: ByteView
    var value: ByteView
    /// Its number among the values; -1 for those that change while rules run.
    let id: Int32
    let isCount: Bool
}
