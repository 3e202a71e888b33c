import ArgumentParser
import Glibc

/// Answers JSON lines: one line in, one line out, in order, written at once so that a program can talk with it.
struct LineService {
    private static let lineBytesLimit = 64 << 20

    let answer: (JSONValue) -> JSONValue

    /// Reads standard input to its end. What is no JSON is answered with an `error`; empty lines are passed over.
    func run() throws {
        var buffer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let length = unsafe read(STDIN_FILENO, &chunk, chunk.count)
            if length < 0, errno == EINTR { continue }
            guard length >= 0 else { throw ExitCode.failure }
            if length == 0 { break }
            buffer += chunk[0..<length]
            try answerLines(in: &buffer, from: buffer.count - length)
            if buffer.count > Self.lineBytesLimit {
                StandardError.write("a line is longer than \(Self.lineBytesLimit) bytes\n")
                throw ExitCode.failure
            }
        }
        try answer(to: buffer[...])
    }

    /// Answers the complete lines; `start` is where bytes begin that hold no line feed found before.
    private func answerLines(in buffer: inout [UInt8], from start: Int) throws {
        var done = 0
        var search = start
        while let end = buffer[search...].firstIndex(of: 0x0A) {
            try answer(to: buffer[done..<end])
            done = end + 1
            search = done
        }
        buffer.removeFirst(done)
    }

    private func answer(to line: ArraySlice<UInt8>) throws {
        guard line.contains(where: { $0 > 0x20 }) else { return }
        var output: [UInt8]
        do throws(JSONReader.Failure) {
            output = answer(try JSONReader.read(line, .codePoints)).line
        } catch {
            output = JSONValue.object([("error", .text("no JSON: \(error)"))]).line
        }
        output.append(0x0A)
        try StandardOutput.write(output)
    }
}

/// What programs read.
enum StandardOutput {
    /// Writes all bytes; fails if nobody reads any more.
    static func write(_ bytes: [UInt8]) throws {
        var start = 0
        while start < bytes.count {
            let written = unsafe bytes[start...].withUnsafeBytes {
                unsafe Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count)
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw ExitCode.failure }
            start += written
        }
    }

    static func write(_ text: String) throws { try write(Array(text.utf8)) }
}

extension JSONValue {
    /// The bytes of a member, given as text or, under the name with `_b64`, in base64; nil if it is missing.
    func field(_ key: String) -> [UInt8]? {
        if let encoded = self["\(key)_b64"]?.bytes { return Base64.decode(encoded) }
        return self[key]?.bytes
    }
}

/// Base64 (RFC 4648), as harnesses write it: padding and line breaks may stand or be missing.
enum Base64 {
    static func decode(_ text: [UInt8]) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for character in text where character > 0x20 && character != UInt8(ascii: "=") {
            guard let digit = digit(character) else { return nil }
            bits = bits << 6 | digit
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes
    }

    private static func digit(_ character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character) - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character) - 71
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character) + 4
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
