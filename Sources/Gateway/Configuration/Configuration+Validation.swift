/// Checks what a single value cannot show: references, names used twice, routes that no request reaches, files.
struct ConfigurationValidator {
    let decoded: DecodedConfiguration
    let files: FileSystemView
    private var problems: [Problem] = []

    var configuration: Configuration { decoded.configuration }
    var origins: Origins { decoded.origins }

    /// All problems and warnings of a decoded configuration, without those that follow from what could not be read.
    static func problems(in decoded: DecodedConfiguration, files: FileSystemView) -> [Problem] {
        var validator = ConfigurationValidator(decoded: decoded, files: files)
        validator.checkListeners()
        validator.checkNames()
        validator.checkReferences()
        validator.checkSessions()
        validator.checkRooms()
        validator.checkUpstreams()
        validator.checkRoutes()
        validator.checkFiles()
        return validator.problems
    }

    private init(decoded: DecodedConfiguration, files: FileSystemView) {
        self.decoded = decoded
        self.files = files
    }

    /// Notes an error at the value with this path.
    mutating func report(
        _ code: ProblemCode,
        _ path: String,
        _ message: String,
        hint: String? = nil
    ) {
        add(.error, code, path, message, hint: hint)
    }

    /// Notes a warning at the value with this path.
    mutating func warn(_ code: ProblemCode, _ path: String, _ message: String, hint: String? = nil) {
        add(.warning, code, path, message, hint: hint)
    }

    /// Notes a problem at the value with this path, or in a file it names, unless something there could not
    /// be read in the first place.
    mutating func add(
        _ severity: Problem.Severity,
        _ code: ProblemCode,
        _ path: String,
        _ message: String,
        hint: String?,
        place elsewhere: Problem.Place? = nil
    ) {
        // Where something was not read, the default stands in its place, and a warning about it would be a riddle.
        guard !decoded.isUnread(path), severity == .error || decoded.unread.isEmpty else { return }
        let file = decoded.source.file
        let place = origins.place(of: path, fallback: file.isEmpty ? .flag("haniel") : .file(file))
        problems.append(
            Problem(
                severity: severity,
                code: code,
                message: "\(path): \(message)",
                place: elsewhere ?? place,
                hint: hint
            )
        )
    }
}

extension Origins {
    /// The line a value stands in, if it comes from a file.
    func line(of path: String) -> Int? {
        guard case .file(let span, _) = self[path] else { return nil }
        return span.line
    }
}
