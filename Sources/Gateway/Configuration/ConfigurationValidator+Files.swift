// The files that a configuration names.
extension ConfigurationValidator {
    mutating func checkFiles() {
        for (index, certificate) in configuration.tls.certificates.enumerated() {
            let path = "tls.certificates[\(index)]"
            let hasFiles = [
                checkFile(certificate.certificate, "\(path).certificate"),
                checkFile(certificate.key, "\(path).key"),
            ].allSatisfy { $0 }
            guard hasFiles, let problem = files.certificateProblem(certificate) else { continue }
            let key = problem.code == .keyMismatch ? "key" : "certificate"
            add(
                problem.severity,
                problem.code,
                "\(path).\(key)",
                problem.message,
                hint: problem.hint
            )
        }
        for (index, pattern) in configuration.rules.files.enumerated() {
            let path = "rules.files[\(index)]"
            guard pattern.contains(where: { "*?[".contains($0) }) else {
                _ = checkFile(pattern, path)
                continue
            }
            if files.matches(pattern).isEmpty {
                warn(.emptyGlob, path, "no file matches `\(pattern)`")
            }
        }
        if let key = configuration.sessions.assertionKey {
            _ = checkFile(key, "sessions.assertion_key")
        }
        if let database = configuration.geoIP.database {
            _ = checkFile(database, "geoip.database")
        }
        if let secret = configuration.signingSecret { _ = checkFile(secret, "signing_secret") }
        for (index, route) in configuration.routes.enumerated() {
            guard case .files(let served) = route.action, !served.root.isEmpty else { continue }
            if files.kind(served.root) != .directory {
                report(
                    .notADirectory,
                    "routes[\(index)].files.root",
                    "there is no directory `\(served.root)`"
                )
            }
        }
    }

    private mutating func checkFile(_ file: String, _ path: String) -> Bool {
        guard !file.isEmpty else { return false }
        switch files.kind(file) {
        case .file: return true
        case .directory:
            report(.missingFile, path, "expected a file, found the directory `\(file)`")
        case nil:
            report(
                .missingFile,
                path,
                "there is no readable file `\(file)`",
                hint: file.hasPrefix("/") ? nil : "paths are relative to the working directory"
            )
        }
        return false
    }
}
