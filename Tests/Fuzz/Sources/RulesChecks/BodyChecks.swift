@testable import Rules

private let limit = 64

/// Values stay within the text, and there are no more than allowed.
func checkArguments(_ input: [UInt8]) throws(RuleViolation) {
    let arena = Arena()
    var hasError = false
    var count = 0
    var bytes = 0
    input.withView { text in
        _ = URLEncodedParser.parse(text, separator: 0x26, limit: limit, arena, &hasError) {
            name,
            value in
            count += 1
            bytes += name.count + value.count
        }
    }
    try require(count <= limit, "\(count) arguments")
    try require(bytes <= input.count, "\(bytes) bytes of \(input.count)")
}

/// JSON that is accepted has as many brackets as it closes; leaves keep to their limit.
func checkJSON(_ input: [UInt8]) throws(RuleViolation) {
    let arena = Arena()
    var count = 0
    input.withView { text in
        for isCut in [false, true] {
            var parser = JSONParser(text, depthLimit: 16, valueLimit: limit, isCut: isCut, arena)
            count = 0
            try? parser.parse { name, value in
                count += 1
                _ = (name.array, value.array)
            }
        }
    }
    try require(count <= limit, "\(count) leaves")
}

func checkMultipart(_ input: [UInt8]) {
    let type = Array("multipart/form-data; boundary=b".utf8)
    for isCut in [false, true] {
        input.withView { text in type.withView { readMultipart(text, $0, isCut) } }
    }
    // The boundary comes from the client too.
    input.withView { readMultipart(ByteView(), $0, false) }
}

private func readMultipart(_ text: ByteView, _ type: ByteView, _ isCut: Bool) {
    let budget = TimeBudget(milliseconds: 1_000)
    let arena = Arena()
    guard
        var parser = try? MultipartParser(text, type: type, isCut: isCut, budget, arena)
    else { return }
    try? parser.parse(partLimit: limit) { part in
        _ = (part.content.array, part.name?.array, part.filename?.array)
        for header in part.headers { _ = header.array }
    }
}

func checkXML(_ input: [UInt8]) {
    let arena = Arena()
    input.withView { text in
        for isCut in [false, true] {
            var parser = XMLParser(text, arena, tellsPaths: true, isCut: isCut)
            try? parser.parse { path, value, _ in _ = (path?.array, value.array) }
            _ = parser.content.array
        }
    }
}

func checkCookies(_ input: [UInt8]) {
    input.withView { text in
        CookieParser.parse(text) { name, value in _ = (name.array, value.array) }
    }
}

/// No more comes out than is allowed.
func checkDecompression(_ input: [UInt8]) throws(RuleViolation) {
    for coding in [Decompressor.Coding.gzip, .deflate] {
        let output = ByteBuffer()
        input.withView {
            _ = Decompressor.decompress($0, coding, limitBytes: 10_000, into: output)
        }
        try require(output.count <= 10_000, "\(output.count) bytes")
    }
}

/// What a transformation may change holds a byte it is activated by, and grows only so far.
func checkTransformations(_ input: [UInt8]) throws(RuleViolation) {
    let arena = Arena()
    let scratch = TransformationScratch(arena: arena, codePage: nil)
    for step in Transformation.allCases {
        let output = input.withView { step.apply($0, scratch).map(\.array) }
        guard let output, output != input else { continue }
        try require(output.count <= input.count * 4 + 64, "\(step) grew to \(output.count)")
        let activation = step.activation
        guard let bytes = activation.bytes else { continue }
        try require(input.contains { bytes.contains($0) }, "\(step) changed without a reason")
        if activation.sequences.isEmpty { continue }
        let hasSequence = input.withView { text in
            activation.sequences.contains { text.contains($0) }
        }
        let isExpected = hasSequence || input.contains { activation.strayBytes.contains($0) }
        try require(isExpected, "\(step) changed without its sequence")
    }
}
