import Foundation
import Glibc
import Transport

/// What validation asks about files, so that tests can answer for it.
struct FileSystemView: Sendable {
    enum Kind: Sendable {
        case file
        case directory
        /// There, or perhaps there, but not for this user.
        case unreadable
    }

    /// What stands at the path; nil for nothing.
    var kind: @Sendable (String) -> Kind?
    /// The files that a glob matches, sorted.
    var matches: @Sendable (String) -> [String]
    /// What is wrong with a certificate and its key, both of which exist.
    var certificateProblem: @Sendable (Configuration.Certificate) -> CertificateProblem?
    /// Why the address cannot be listened on, or nil if it can.
    var listenProblem: @Sendable (Address) -> String?
    /// What is wrong with the content of a file that is there.
    var contentProblems: @Sendable (ConfiguredFile) -> [FileProblem] = { _ in [] }
    /// Who asks, as messages name it.
    var userName: @Sendable () -> String = { "this user" }

    struct CertificateProblem: Sendable {
        var severity: Problem.Severity
        var code: ProblemCode
        var message: String
        var hint: String?
        /// The key of the certificate's section that names what is at fault.
        var key = "certificate"
    }
}

extension FileSystemView {
    /// The file system of this machine; addresses are not tried.
    static var real: FileSystemView {
        FileSystemView(
            kind: kind(of:),
            matches: matchingFiles,
            certificateProblem: problem(of:),
            listenProblem: { _ in nil },
            // A log stays open when the process becomes its `user`: whether it could be opened is asked before a start.
            contentProblems: { if case .log = $0 { [] } else { $0.problems } },
            userName: NSUserName
        )
    }

    private static func kind(of path: String) -> Kind? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return errno == EACCES ? .unreadable : nil }
        let isDirectory = status.st_mode & S_IFMT == S_IFDIR
        let wanted = isDirectory ? R_OK | X_OK : R_OK
        guard unsafe access(path, wanted) == 0 else { return .unreadable }
        return isDirectory ? .directory : .file
    }

    /// The same, and every address is tried by listening on it for a moment, every log by whether it could be opened.
    static var realWithSockets: FileSystemView {
        var view = real
        view.contentProblems = \.problems
        view.listenProblem = { address in
            guard let socketAddress = address.socketAddress else { return nil }
            return ListeningSocket.refusal(of: socketAddress)?.description
        }
        return view
    }

    private static func matchingFiles(_ pattern: String) -> [String] {
        var result = unsafe glob_t()
        defer { unsafe globfree(&result) }
        guard unsafe glob(pattern, 0, nil, &result) == 0, let paths = unsafe result.gl_pathv else {
            return []
        }
        let count = unsafe Int(result.gl_pathc)
        return (0..<count).compactMap { index in
            unsafe paths[index].map { unsafe String(cString: $0) }
        }
    }

    private static func problem(of files: Configuration.Certificate) -> CertificateProblem? {
        let found = pairProblem(of: files)
        if found?.severity == .error { return found }
        do throws(TLSContextError) {
            _ = try TLSServerContext(certificates: [CertificateFiles(files)], tickets: nil)
        } catch {
            return refused(error.description, .badCertificate, key: files.key(naming: error.file))
        }
        return found
    }

    /// What is wrong with a certificate and its key, apart from what TLS makes of them.
    private static func pairProblem(of files: Configuration.Certificate) -> CertificateProblem? {
        do throws(CertificateError) {
            let certificate = try Certificate(path: files.certificate)
            guard certificate.belongs(to: try PrivateKey(path: files.key)) else {
                throw .keyMismatch
            }
            return certificate.daysLeft.flatMap { expiry(of: files.certificate, in: $0) }
        } catch {
            switch error {
            case .keyMismatch:
                let message = "`\(files.key)` is not the private key of `\(files.certificate)`"
                return refused(message, .keyMismatch, key: "key")
            case .notAPrivateKey: return refused(error.description, .keyMismatch, key: "key")
            default: return refused(error.description, .badCertificate, key: "certificate")
            }
        }
    }

    private static func expiry(of file: String, in days: Int) -> CertificateProblem? {
        guard days < 14 else { return nil }
        return CertificateProblem(
            severity: days < 0 ? .error : .warning,
            code: .certificateExpiry,
            message: days < 0
                ? "`\(file)` expired \(-days) days ago" : "`\(file)` expires in \(days) days"
        )
    }

    private static func refused(_ message: String, _ code: ProblemCode, key: String)
        -> CertificateProblem
    {
        CertificateProblem(severity: .error, code: code, message: message, key: key)
    }
}

extension Configuration.Certificate {
    /// The key of the section that names the file; without one it is the cipher policy that is at fault.
    fileprivate func key(naming file: String?) -> String {
        switch file {
        case key: "key"
        case certificate where clientCertificates != .off && clientAuthorities == nil:
            "client_certificates"
        case clientAuthorities?: "client_authorities"
        case clientRevocations?: "client_revocations"
        case staple?: "staple"
        case nil: "ciphers"
        default: "certificate"
        }
    }
}
