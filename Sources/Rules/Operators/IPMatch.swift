/// `@ipMatch` and `@ipMatchFromFile`: the value is an address in one of the networks.
///
///     SecRule REMOTE_ADDR "@ipMatch 192.0.2.0/24,2001:db8::/32" "id:1,phase:1,allow"
final class IPMatch: Operator {
    private let networks: [IPNetwork]

    /// Networks separated by commas.
    init(_ list: [UInt8]) throws(ParameterError) {
        var networks: [IPNetwork] = []
        var offset = 0
        for part in list.split(separator: 0x2C, omittingEmptySubsequences: false) {
            networks.append(try IPMatch.network(Array(part), offset: offset))
            offset += part.count + 1
        }
        self.networks = networks
    }

    /// One network per line.
    init(lines: [[UInt8]]) throws(ParameterError) {
        var networks: [IPNetwork] = []
        for line in lines { networks.append(try IPMatch.network(line, offset: 0)) }
        self.networks = networks
    }

    /// A file beside the rule file, one network per line; lines that begin with # are comments.
    convenience init(file: SourceText) throws(ParameterError) {
        let path = RuleFiles.resolve(file.trimmed.text, beside: file.file)
        guard let bytes = RuleFiles.contents(path) else {
            throw ParameterError(message: "cannot read \(path): \(RuleFiles.lastError)")
        }
        try self.init(lines: DataSets.lines(bytes))
    }

    private static func network(_ text: [UInt8], offset: Int) throws(ParameterError) -> IPNetwork {
        let network = text.withView { IPNetwork($0.trimming(\.isWhitespace)) }
        guard let network else {
            let shown = String(decoding: text, as: UTF8.self)
            throw ParameterError(
                message: "`\(shown)` is not an address or a network",
                offset: offset
            )
        }
        return network
    }

    func matches(_ input: ByteView, _ evaluation: inout Evaluation) -> Bool {
        guard let address = IPNetwork(input), address.isSingleAddress else { return false }
        return networks.contains { $0.contains(address) }
    }
}
