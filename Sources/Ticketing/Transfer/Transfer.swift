/// One exchange with another company's server: a request over HTTP, or a mail handed to SMTP.
struct Transfer: Sendable {
    /// What is sent where.
    enum Action: Sendable {
        case request(method: String, headers: [String], body: [UInt8])
        case mail(from: String, to: String, message: [UInt8])
    }

    /// What came back.
    struct Answer: Sendable {
        /// HTTP's or SMTP's last status.
        let status: Int
        let body: [UInt8]
    }

    /// Why nothing came back, in libcurl's words. Whether the other side acted on what it was sent is not known.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let url: String
    let action: Action
    var user: String?
    var password: String?
    /// Certificates (PEM) that vouch for the server, in place of the system's.
    var authorities: String?
    /// Whether a connection that cannot be encrypted is given up.
    var requiresEncryption = false
    var timeoutMilliseconds = 15_000
    /// A third of it for the connection.
    var connectTimeoutMilliseconds: Int { timeoutMilliseconds / 3 }
    /// How much of an answer is taken; a longer one is a failure.
    var answerLimitBytes = 1 << 20
}
