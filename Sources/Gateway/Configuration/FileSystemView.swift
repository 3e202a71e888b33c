import Foundation
import Glibc

/// What validation asks about files, so that tests can answer for it.
struct FileSystemView: Sendable {
    enum Kind: Sendable {
        case file
        case directory
    }

    /// What stands at the path; nil for nothing, or nothing readable.
    var kind: @Sendable (String) -> Kind?
    /// The files that a glob matches, sorted.
    var matches: @Sendable (String) -> [String]
    /// What is wrong with a certificate and its key, both of which exist.
    var certificateProblem: @Sendable (Configuration.Certificate) -> CertificateProblem?
    /// Why the address cannot be listened on, or nil if it can.
    var listenProblem: @Sendable (Address) -> String?

    struct CertificateProblem: Sendable {
        var severity: Problem.Severity
        var code: ProblemCode
        var message: String
        var hint: String?
    }
}
