/// Where the values of a variable come from. The raw bytes of the first five are scanned once per request; if nothing
/// suspicious stands in them, none of their values is looked at by gated rules.
enum SourceClass: UInt8, CaseIterable {
    /// The request line as a whole.
    case line
    /// The path of the target.
    case path
    /// Names and values of the query string.
    case arguments
    case cookies
    case headers
    /// Bodies and the response: known late, always looked at value by value.
    case content
    /// Set by rules or made of counts: no gate applies.
    case changing

    var bit: UInt8 { 1 << rawValue }
}

extension Variable {
    var source: SourceClass {
        switch self {
        case .args, .argsGet, .argsGetNames, .argsNames: .arguments
        case .requestBasename, .requestFilename: .path
        case .queryString, .requestLine, .requestMethod, .requestProtocol, .requestURI,
            .requestURIRaw:
            .line
        case .requestCookies, .requestCookiesNames: .cookies
        case .requestHeaders, .requestHeadersNames: .headers
        case .argsPost, .argsPostNames, .files, .filesNames, .filesTmpContent,
            .multipartPartHeaders,
            .requestBody,
            .responseBody,
            .responseHeaders, .responseHeadersNames, .xml, .multipartFilename, .multipartName:
            .content
        default: .changing
        }
    }

    /// Whether the variable may show any header field there is.
    var readsWholeHead: Bool {
        switch self {
        case .requestHeaders, .requestHeadersNames, .responseHeaders, .responseHeadersNames,
            .fullRequest,
            .fullRequestLength, .serverName, .authType, .remoteUser:
            true
        default: false
        }
    }

    /// Whether the variable is always one number.
    var isNumber: Bool {
        switch self {
        case .requestBodyLength, .argsCombinedSize, .filesCombinedSize, .reqbodyError,
            .reqbodyProcessorError,
            .urlencodedError, .inboundDataError, .outboundDataError, .multipartStrictError,
            .multipartUnmatchedBoundary,
            .responseStatus:
            true
        default: false
        }
    }

    /// Whether the variable is one value that stays the same once it is known.
    var isFixedValue: Bool {
        switch self {
        case .queryString, .requestBasename, .requestFilename, .requestLine, .requestMethod,
            .requestProtocol,
            .requestURI,
            .requestURIRaw, .requestBody, .responseBody:
            true
        default: false
        }
    }
}
