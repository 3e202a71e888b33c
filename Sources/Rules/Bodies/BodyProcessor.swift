/// How a request body is read (`ctl:requestBodyProcessor`).
enum BodyProcessor: String, CaseIterable, Sendable {
    case urlEncoded = "URLENCODED"
    case multipart = "MULTIPART"
    case json = "JSON"
    case xml = "XML"

    static func named(_ name: String) -> BodyProcessor? {
        BodyProcessor(rawValue: name.uppercased())
    }

    var name: StaticString {
        switch self {
        case .urlEncoded: "URLENCODED"
        case .multipart: "MULTIPART"
        case .json: "JSON"
        case .xml: "XML"
        }
    }
}
