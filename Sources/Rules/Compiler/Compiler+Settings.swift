import Locations

extension Compiler {
    /// Directives that set something. False if the name is none of them.
    mutating func set(_ directive: Directive, _ name: String) -> Bool {
        if DirectiveName.ignoredFolded.contains(name) {
            problems.warning(
                "no-effect",
                "\(directive.name.text) has no effect in this engine",
                at: directive.name
            )
            return true
        }
        guard DirectiveName.settings.contains(where: { $0.lowercased() == name }) else {
            return false
        }
        guard let value = directive.arguments.first else {
            if name == "secresponsebodymimetypesclear" {
                settings.responseBodyTypes = []
            } else {
                problems.error(
                    "arguments",
                    "\(directive.name.text) needs a value",
                    at: directive.name
                )
            }
            return true
        }
        switch name {
        case "secresponsebodymimetype":
            settings.responseBodyTypes = directive.arguments.map(\.lowercased)
        case "secresponsebodymimetypesclear": settings.responseBodyTypes = []
        case "seccomponentsignature": settings.componentSignatures.append(value.text)
        case "secwebappid": settings.webAppID = value.text
        case "secdataset":
            if directive.arguments.count == 2 {
                dataSets.add(value, directive.arguments[1])
            } else {
                problems.error(
                    "arguments",
                    "SecDataset needs a name and a list",
                    at: directive.name
                )
            }
        case "secunicodemapfile": setCodePage(directive)
        case "secgeolookupdb": openLocations(value)
        case "secargumentseparator":
            if value.count == 1 {
                settings.argumentSeparator = value.bytes[0]
            } else {
                report(directive, value)
            }
        default:
            if !setWord(name, value.lowercased), !setNumber(name, value) {
                report(directive, value)
            }
        }
        return true
    }

    private mutating func report(_ directive: Directive, _ value: SourceText) {
        problems.error(
            "value",
            "`\(value.text)` is not a value for \(directive.name.text)",
            at: value
        )
    }

    private mutating func setWord(_ name: String, _ word: String) -> Bool {
        let flag: Bool? = word == "on" ? true : word == "off" ? false : nil
        let action: Settings.LimitAction? =
            word == "reject" ? .reject : word == "processpartial" ? .processPartial : nil
        switch name {
        case "secruleengine":
            guard let mode = Control.mode(word) else { return false }
            settings.mode = mode
        case "secrequestbodyaccess":
            guard let flag else { return false }
            settings.requestBodyAccess = flag
        case "secresponsebodyaccess":
            guard let flag else { return false }
            settings.responseBodyAccess = flag
        case "secrequestbodylimitaction":
            guard let action else { return false }
            settings.requestBodyLimitAction = action
        case "secresponsebodylimitaction":
            guard let action else { return false }
            settings.responseBodyLimitAction = action
        default: return false
        }
        return true
    }

    private mutating func setNumber(_ name: String, _ value: SourceText) -> Bool {
        guard let number = Int(value.text), number >= 0, number <= 1 << 31 else { return false }
        switch name {
        case "secrequestbodylimit": settings.requestBodyLimitBytes = number
        case "secrequestbodynofileslimit": settings.requestBodyNoFilesLimitBytes = number
        case "secrequestbodyjsondepthlimit":
            settings.requestBodyJSONDepthLimit = min(number, 10_000)
        case "secresponsebodylimit": settings.responseBodyLimitBytes = number
        case "secargumentslimit": settings.argumentLimit = number
        case "seccollectiontimeout": settings.collectionTimeout = number
        case "secuploadfilelimit": settings.uploadFileLimit = number
        case "secpcrematchlimit": settings.patternMatchLimit = UInt32(clamping: number)
        default: return false
        }
        return true
    }

    /// `SecGeoLookupDb FILE`
    private mutating func openLocations(_ file: SourceText) {
        do throws(LocationDatabaseError) {
            let path = RuleFiles.resolve(file.text, beside: file.file)
            filesRead.note(path)
            locations = try LocationDatabase(path: path)
        } catch {
            problems.error(
                "location-database",
                "cannot open \(error)",
                at: file,
                hint:
                    "a file in MaxMind's format (.mmdb) is needed; the older .dat has no reader any more"
            )
        }
    }

    /// Says which rules ask for locations that nobody has told.
    mutating func explainLookups() {
        guard locations == nil else { return }
        for lookup in lookups {
            problems.warning(
                "location-database",
                "@geoLookup finds nothing without a database",
                at: lookup,
                hint: "name one by SecGeoLookupDb, or by `geoip.database` of the gateway"
            )
        }
    }

    /// `SecUnicodeMapFile FILE PAGE`
    private mutating func setCodePage(_ directive: Directive) {
        let file = directive.arguments[0]
        let path = RuleFiles.resolve(file.text, beside: file.file)
        guard directive.arguments.count == 2, let page = Int(directive.arguments[1].text) else {
            return problems.error(
                "arguments",
                "SecUnicodeMapFile needs a file and a code page",
                at: directive.name
            )
        }
        filesRead.note(path)
        guard let bytes = RuleFiles.contents(path) else {
            return problems.error(
                "unreadable",
                "cannot read \(path): \(RuleFiles.lastError)",
                at: file
            )
        }
        codePage = CodePage(bytes, page: page)
        if codePage == nil {
            problems.error("code-page", "\(path) has no code page \(page)", at: file)
        }
    }
}
