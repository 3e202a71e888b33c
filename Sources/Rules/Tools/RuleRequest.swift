/// A request and its response as a tool describes them, all texts as bytes.
package struct RuleRequest: Sendable {
    package typealias Field = (name: [UInt8], value: [UInt8])

    package var clientAddress = "127.0.0.1"
    package var clientPort = 12_345
    package var serverAddress = "127.0.0.1"
    package var serverPort = 80
    package var method: [UInt8] = Array("GET".utf8)
    package var target: [UInt8] = [0x2F]
    /// As in `1.1`.
    package var version: [UInt8] = Array("1.1".utf8)
    package var headers: [Field] = []
    package var body: [UInt8] = []
    package var status = 200
    package var responseHeaders: [Field] = []
    package var responseBody: [UInt8] = []

    package init() {}
}

extension RuleRequest {
    /// What rules see as REQUEST_FILENAME of a target.
    package static func filename(of target: [UInt8]) -> [UInt8] {
        let arena = Arena()
        return withExtendedLifetime(arena) {
            target.withView { view in
                let request = RequestData(method: ByteView(), target: view, version: ByteView())
                return URLDecode.percentDecoded(request.path, arena).array
            }
        }
    }
}
