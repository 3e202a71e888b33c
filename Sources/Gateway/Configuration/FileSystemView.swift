import Foundation
import Glibc
import Transport

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

extension FileSystemView {
    /// The file system of this machine; addresses are not tried.
    static var real: FileSystemView {
        FileSystemView(
            kind: { path in
                var isDirectory: ObjCBool = false
                guard
                    unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
                    FileManager.default.isReadableFile(atPath: path)
                else { return nil }
                return isDirectory.boolValue ? .directory : .file
            },
            matches: matchingFiles,
            certificateProblem: problem(of:),
            listenProblem: { _ in nil }
        )
    }

    /// The same, and every address is tried by listening on it for a moment.
    static var realWithSockets: FileSystemView {
        var view = real
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
        do throws(CertificateError) {
            let certificate = try Certificate(path: files.certificate)
            guard certificate.belongs(to: try PrivateKey(path: files.key)) else {
                throw .keyMismatch
            }
            guard let days = certificate.daysLeft else { return nil }
            if days < 0 {
                return CertificateProblem(
                    severity: .error,
                    code: .certificateExpiry,
                    message: "`\(files.certificate)` expired \(-days) days ago"
                )
            }
            if days < 14 {
                return CertificateProblem(
                    severity: .warning,
                    code: .certificateExpiry,
                    message: "`\(files.certificate)` expires in \(days) days"
                )
            }
            return nil
        } catch {
            switch error {
            case .keyMismatch:
                return CertificateProblem(
                    severity: .error,
                    code: .keyMismatch,
                    message: "`\(files.key)` is not the private key of `\(files.certificate)`"
                )
            case .notAPrivateKey:
                return CertificateProblem(
                    severity: .error,
                    code: .keyMismatch,
                    message: error.description
                )
            default:
                return CertificateProblem(
                    severity: .error,
                    code: .badCertificate,
                    message: error.description
                )
            }
        }
    }
}
