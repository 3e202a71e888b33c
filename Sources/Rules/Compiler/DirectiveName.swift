/// The directives of SecLang, by their names.
enum DirectiveName {
    static let refused: [String: String] = [
        "secrulescript": "no scripts run on the data path",
        "secremoterules": "rules are loaded from files only",
        "secguardianlog": "no processes are started",
        "secgsblookupdb": "the lookup service no longer exists",
    ]

    /// Directives that concern other engines' own machinery: accepted, without effect.
    static let ignored: [String] = [
        "SecAuditEngine", "SecAuditLog", "SecAuditLog2", "SecAuditLogDirMode",
        "SecAuditLogFileMode",
        "SecAuditLogFormat",
        "SecAuditLogParts", "SecAuditLogRelevantStatus", "SecAuditLogStorageDir", "SecAuditLogType",
        "SecCacheTransformations",
        "SecChrootDir", "SecConnEngine", "SecConnReadStateLimit",
        "SecConnWriteStateLimit",
        "SecContentInjection", "SecCookieFormat", "SecDataDir", "SecDebugLog", "SecDebugLogLevel",
        "SecDisableBackendCompression",
        "SecHashEngine", "SecHttpBlKey", "SecInterceptOnError",
        "SecPcreMatchLimitRecursion",
        "SecRulePerfTime",
        "SecRuleInheritance", "SecSensorId", "SecServerSignature", "SecStatusEngine",
        "SecStreamInBodyInspection",
        "SecStreamOutBodyInspection", "SecTmpDir", "SecTmpSaveUploadedFiles", "SecUnicodeCodePage",
        "SecUploadDir",
        "SecUploadFileMode", "SecUploadKeepFiles",
        "SecXmlExternalEntity",
        "SecRequestBodyInMemoryLimit",
    ]

    /// Directives that set something, apart from rules.
    static let settings: [String] = [
        "SecArgumentSeparator", "SecArgumentsLimit", "SecCollectionTimeout",
        "SecComponentSignature", "SecDataset", "SecGeoLookupDb", "SecPcreMatchLimit",
        "SecRequestBodyAccess",
        "SecRequestBodyJsonDepthLimit", "SecRequestBodyLimit", "SecRequestBodyLimitAction",
        "SecRequestBodyNoFilesLimit",
        "SecResponseBodyAccess", "SecResponseBodyLimit", "SecResponseBodyLimitAction",
        "SecResponseBodyMimeType",
        "SecResponseBodyMimeTypesClear", "SecRuleEngine", "SecUnicodeMapFile",
        "SecUploadFileLimit", "SecWebAppId",
    ]

    static let rules: [String] = [
        "Include", "IncludeOptional", "SecAction", "SecDefaultAction", "SecMarker", "SecRule",
        "SecRuleRemoveById",
        "SecRuleRemoveByMsg", "SecRuleRemoveByTag", "SecRuleUpdateActionById",
        "SecRuleUpdateTargetById",
        "SecRuleUpdateTargetByMsg", "SecRuleUpdateTargetByTag",
    ]

    static let all = rules + settings + ignored
    static let ignoredFolded = Set(ignored.map { $0.lowercased() })
}
