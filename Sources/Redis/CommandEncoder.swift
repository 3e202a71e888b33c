/// Writes commands in the form Redis reads them: an array of bulk strings.
enum CommandEncoder {
    static func encode(_ arguments: [[UInt8]]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(arguments.reduce(16) { $0 + $1.count + 16 })
        append(0x2A, arguments.count, to: &output)
        for argument in arguments {
            append(0x24, argument.count, to: &output)
            output.append(contentsOf: argument)
            output.append(contentsOf: [0x0D, 0x0A])
        }
        return output
    }

    static func encode(_ arguments: [String]) -> [UInt8] {
        encode(arguments.map { Array($0.utf8) })
    }

    private static func append(_ type: UInt8, _ count: Int, to output: inout [UInt8]) {
        output.append(type)
        output.append(contentsOf: String(count).utf8)
        output.append(contentsOf: [0x0D, 0x0A])
    }
}
