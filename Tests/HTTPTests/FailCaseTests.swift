import Glibc
import HTTP
import Testing

/// Replays what the fuzzers were started from and what they found.
@Suite struct FailCaseTests {
    static let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(
        2
    ).joined(
        separator: "/"
    )

    static func files(in path: String) -> [String] {
        guard let directory = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { raw in
                unsafe String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".bin") { names.append("\(path)/\(name)") }
        }
        return names.sorted()
    }

    static func read(_ path: String) -> [UInt8] {
        guard let file = unsafe fopen(path, "rb") else { return [] }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 256 * 1024)
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe fread($0.baseAddress, 1, $0.count, file)
        }
        return Array(bytes.prefix(count))
    }

    static let cases =
        files(in: "\(folder)/Fuzz/Corpus/http1") + files(in: "\(folder)/Fuzz/FailCases")

    @Test func `The corpus is there`() {
        #expect(Self.cases.count >= 20)
    }

    @Test(arguments: cases)
    func `What a fuzzer met is read alike at once and in pieces`(_ path: String) {
        let bytes = Self.read(path)
        for step in [1, 2, 3, 7, 16] {
            #expect(parseRequest(bytes, step: step) == parseRequest(bytes))
            for method in [HTTP.Method.get, .head, .connect] {
                #expect(
                    parseResponse(bytes, to: method, step: step) == parseResponse(bytes, to: method)
                )
            }
            let whole = BodyDecoderTests.decode(.chunked, bytes, step: max(1, bytes.count))
            let parts = BodyDecoderTests.decode(.chunked, bytes, step: step)
            #expect(whole.error == parts.error)
            #expect(whole.isFinished == parts.isFinished)
            if whole.error == nil { #expect(whole == parts) }
        }
    }
}
