// The files that a configuration names, and what stands in them.
extension ConfigurationValidator {
    mutating func checkFiles() {
        for (index, certificate) in configuration.tls.certificates.enumerated() {
            checkCertificate(certificate, "tls.certificates[\(index)]")
        }
        for (index, pattern) in configuration.rules.files.enumerated() {
            let path = "rules.files[\(index)]"
            guard pattern.contains(where: { "*?[".contains($0) }) else {
                _ = checkFile(pattern, path)
                continue
            }
            if files.matches(pattern).isEmpty {
                report(.emptyGlob, path, "no file matches `\(pattern)`")
            }
        }
        checkContents()
        for (index, route) in configuration.routes.enumerated() {
            guard case .files(let served) = route.action, !served.root.isEmpty else { continue }
            _ = checkDirectory(served.root, "routes[\(index)].files.root")
        }
    }

    private mutating func checkCertificate(_ certificate: Configuration.Certificate, _ path: String) {
        let named = [
            ("certificate", certificate.certificate), ("key", certificate.key),
            ("client_authorities", certificate.clientAuthorities),
            ("client_revocations", certificate.clientRevocations), ("staple", certificate.staple),
        ]
        let hasFiles = named.map { key, file in
            file.map { checkFile($0, "\(path).\(key)") } ?? true
        }.allSatisfy { $0 }
        guard hasFiles, let problem = files.certificateProblem(certificate) else { return }
        add(
            problem.severity,
            problem.code,
            "\(path).\(problem.key)",
            problem.message,
            hint: problem.hint
        )
    }

    private mutating func checkContents() {
        if let key = configuration.sessions.assertionKey {
            checkContent(.assertionKey(key), of: key, "sessions.assertion_key")
        }
        if let database = configuration.geoIP.database {
            checkContent(.locations(database), of: database, "geoip.database")
        }
        if let secret = configuration.signingSecret {
            checkContent(.signingSecret(secret), of: secret, "signing_secret")
        }
        for (index, secret) in configuration.formerSigningSecrets.enumerated() {
            checkContent(.signingSecret(secret), of: secret, "former_signing_secrets[\(index)]")
        }
        for (index, room) in configuration.rooms.enumerated() {
            guard let pages = room.pages, checkDirectory(pages, "rooms[\(index)].pages") else {
                continue
            }
            let problems = files.contentProblems(.pages(pages))
            let isUnreadable = { [files] (problem: FileProblem) in
                files.kind(problem.file) == .unreadable
            }
            for problem in problems.filter(isUnreadable) {
                reportUnreadable(problem.file, "rooms[\(index)].pages")
            }
            report(problems.filter { !isUnreadable($0) }, "rooms[\(index)].pages")
        }
        for (key, target) in [("access", configuration.log.access), ("waf", configuration.log.waf)] {
            guard case .file(let path) = target else { continue }
            for problem in files.contentProblems(.log(path)) {
                warn(.badFile, "log.\(key)", "`\(path)`: \(problem.message) by \(files.userName())")
            }
        }
    }

    private mutating func checkContent(_ content: ConfiguredFile, of file: String, _ path: String) {
        guard checkFile(file, path) else { return }
        report(files.contentProblems(content), path)
    }

    private mutating func report(_ problems: [FileProblem], _ path: String) {
        for problem in problems {
            guard let line = problem.line else {
                report(.badFile, path, "`\(problem.file)`: \(problem.message)")
                continue
            }
            let span = SourceSpan(file: problem.file, line: line, column: 1, length: 1)
            add(.error, .badFile, path, problem.message, hint: nil, place: .source(span))
        }
    }

    private mutating func checkFile(_ file: String, _ path: String) -> Bool {
        guard !file.isEmpty else { return false }
        switch files.kind(file) {
        case .file: return true
        case .directory:
            report(.missingFile, path, "expected a file, found the directory `\(file)`")
        case .unreadable: reportUnreadable(file, path)
        case nil:
            report(
                .missingFile,
                path,
                "there is no file `\(file)`",
                hint: file.hasPrefix("/") ? nil : "paths are relative to the working directory"
            )
        }
        return false
    }

    private mutating func checkDirectory(_ directory: String, _ path: String) -> Bool {
        switch files.kind(directory) {
        case .directory: return true
        case .unreadable: reportUnreadable(directory, path)
        default: report(.notADirectory, path, "there is no directory `\(directory)`")
        }
        return false
    }

    private mutating func reportUnreadable(_ file: String, _ path: String) {
        let user = files.userName()
        report(
            .unreadable,
            path,
            "`\(file)` is not readable by \(user)",
            hint: "give \(user) a group that may read it and enter its directories, by `chgrp` and "
                + "`chmod g+r`; a reload reads files as the `user` of the configuration"
        )
    }
}
