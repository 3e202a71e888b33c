/// The variables of SecLang, by their names.
enum Variable: String, CaseIterable, Sendable {
    case args = "ARGS"
    case argsCombinedSize = "ARGS_COMBINED_SIZE"
    case argsGet = "ARGS_GET"
    case argsGetNames = "ARGS_GET_NAMES"
    case argsNames = "ARGS_NAMES"
    case argsPost = "ARGS_POST"
    case argsPostNames = "ARGS_POST_NAMES"
    case authType = "AUTH_TYPE"
    case duration = "DURATION"
    case env = "ENV"
    case files = "FILES"
    case filesTmpContent = "FILES_TMP_CONTENT"
    case filesTmpNames = "FILES_TMPNAMES"
    case filesCombinedSize = "FILES_COMBINED_SIZE"
    case filesNames = "FILES_NAMES"
    case filesSizes = "FILES_SIZES"
    case fullRequest = "FULL_REQUEST"
    case fullRequestLength = "FULL_REQUEST_LENGTH"
    case geo = "GEO"
    case global = "GLOBAL"
    case highestSeverity = "HIGHEST_SEVERITY"
    case inboundDataError = "INBOUND_DATA_ERROR"
    case ip = "IP"
    case matchedVar = "MATCHED_VAR"
    case matchedVarName = "MATCHED_VAR_NAME"
    case matchedVars = "MATCHED_VARS"
    case matchedVarsNames = "MATCHED_VARS_NAMES"
    case multipartBoundaryQuoted = "MULTIPART_BOUNDARY_QUOTED"
    case multipartBoundaryWhitespace = "MULTIPART_BOUNDARY_WHITESPACE"
    case multipartCrlfLfLines = "MULTIPART_CRLF_LF_LINES"
    case modsecBuild = "MODSEC_BUILD"
    case multipartDataAfter = "MULTIPART_DATA_AFTER"
    case multipartDataBefore = "MULTIPART_DATA_BEFORE"
    case multipartFileLimitExceeded = "MULTIPART_FILE_LIMIT_EXCEEDED"
    case multipartFilename = "MULTIPART_FILENAME"
    case multipartHeaderFolding = "MULTIPART_HEADER_FOLDING"
    case multipartInvalidHeaderFolding = "MULTIPART_INVALID_HEADER_FOLDING"
    case multipartInvalidPart = "MULTIPART_INVALID_PART"
    case multipartInvalidQuoting = "MULTIPART_INVALID_QUOTING"
    case multipartLfLine = "MULTIPART_LF_LINE"
    case multipartMissingSemicolon = "MULTIPART_MISSING_SEMICOLON"
    case multipartName = "MULTIPART_NAME"
    case multipartPartHeaders = "MULTIPART_PART_HEADERS"
    case multipartStrictError = "MULTIPART_STRICT_ERROR"
    case multipartUnmatchedBoundary = "MULTIPART_UNMATCHED_BOUNDARY"
    case outboundDataError = "OUTBOUND_DATA_ERROR"
    case pathInfo = "PATH_INFO"
    case queryString = "QUERY_STRING"
    case remoteAddr = "REMOTE_ADDR"
    case remoteHost = "REMOTE_HOST"
    case remotePort = "REMOTE_PORT"
    case remoteUser = "REMOTE_USER"
    case reqbodyError = "REQBODY_ERROR"
    case reqbodyErrorMsg = "REQBODY_ERROR_MSG"
    case reqbodyProcessor = "REQBODY_PROCESSOR"
    case reqbodyProcessorError = "REQBODY_PROCESSOR_ERROR"
    case reqbodyProcessorErrorMsg = "REQBODY_PROCESSOR_ERROR_MSG"
    case requestBasename = "REQUEST_BASENAME"
    case requestBody = "REQUEST_BODY"
    case requestBodyLength = "REQUEST_BODY_LENGTH"
    case requestCookies = "REQUEST_COOKIES"
    case requestCookiesNames = "REQUEST_COOKIES_NAMES"
    case requestFilename = "REQUEST_FILENAME"
    case requestHeaders = "REQUEST_HEADERS"
    case requestHeadersNames = "REQUEST_HEADERS_NAMES"
    case requestLine = "REQUEST_LINE"
    case requestMethod = "REQUEST_METHOD"
    case requestProtocol = "REQUEST_PROTOCOL"
    case requestURI = "REQUEST_URI"
    case requestURIRaw = "REQUEST_URI_RAW"
    case resource = "RESOURCE"
    case responseBody = "RESPONSE_BODY"
    case responseContentLength = "RESPONSE_CONTENT_LENGTH"
    case responseContentType = "RESPONSE_CONTENT_TYPE"
    case responseHeaders = "RESPONSE_HEADERS"
    case responseHeadersNames = "RESPONSE_HEADERS_NAMES"
    case responseProtocol = "RESPONSE_PROTOCOL"
    case responseStatus = "RESPONSE_STATUS"
    case rule = "RULE"
    case serverAddr = "SERVER_ADDR"
    case serverName = "SERVER_NAME"
    case serverPort = "SERVER_PORT"
    case session = "SESSION"
    case sessionID = "SESSIONID"
    case status = "STATUS"
    case statusLine = "STATUS_LINE"
    case time = "TIME"
    case timeDay = "TIME_DAY"
    case timeEpoch = "TIME_EPOCH"
    case timeHour = "TIME_HOUR"
    case timeMin = "TIME_MIN"
    case timeMon = "TIME_MON"
    case timeSec = "TIME_SEC"
    case timeWday = "TIME_WDAY"
    case timeYear = "TIME_YEAR"
    case tx = "TX"
    case uniqueID = "UNIQUE_ID"
    case urlencodedError = "URLENCODED_ERROR"
    case user = "USER"
    case userID = "USERID"
    case webAppID = "WEBAPPID"
    case xml = "XML"

    /// The variable of that name, whatever its case.
    static func named(_ name: String) -> Variable? { Variable(rawValue: name.uppercased()) }

    /// Whether the variable holds named members, which a selector chooses from.
    var isCollection: Bool {
        switch self {
        case .args, .argsGet, .argsGetNames, .argsNames, .argsPost, .argsPostNames, .env, .files,
            .filesNames, .filesSizes, .filesTmpContent, .filesTmpNames,
            .geo, .global, .ip, .matchedVars, .matchedVarsNames, .multipartFilename, .multipartName,
            .multipartPartHeaders, .requestCookies, .requestCookiesNames, .requestHeaders,
            .requestHeadersNames,
            .resource, .responseHeaders, .responseHeadersNames, .rule, .session, .tx, .user, .xml:
            true
        default: false
        }
    }

    /// The first phase in which the variable can hold anything.
    var firstPhase: Int {
        switch self {
        case .responseBody, .outboundDataError: 4
        case .responseContentLength, .responseContentType, .responseHeaders, .responseHeadersNames,
            .responseProtocol,
            .responseStatus, .status, .statusLine:
            3
        default: 1
        }
    }
}
