import HTTP
import Testing

@Suite struct HTTPDateTests {
    static let now = 1_800_000_000

    static func parse(_ text: String) -> Int? {
        let bytes = Bytes(text)
        return HTTPDate.parse(bytes.view, now: now)
    }

    static func format(_ seconds: Int) -> String {
        let buffer = OutputBuffer()
        HTTPDate.append(seconds, to: buffer)
        return buffer.readable.string
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
    ])
    func `A time is written and read in the preferred form`(_ seconds: Int, _ text: String) {
        #expect(Self.format(seconds) == text)
        #expect(Self.parse(text) == seconds)
    }

    @Test func `Every day of four centuries survives being written and read`() {
        for day in stride(from: 0, to: 146_097, by: 31) {
            let seconds = day * 86_400 + day % 86_400
            #expect(Self.parse(Self.format(seconds)) == seconds)
        }
    }

    @Test func `A time no year has is held at the nearest end`() {
        #expect(Self.format(-5) == Self.format(0))
        #expect(Self.format(.max) == "Fri, 31 Dec 9999 23:59:59 GMT")
    }

    @Test(arguments: [
        ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777), ("Sun Nov  6 08:49:37 1994", 784_111_777),
        ("Sun Nov 16 08:49:37 1994", 784_975_777),
        ("Friday, 01-Jan-27 00:00:00 GMT", 1_798_761_600),
        ("Friday, 01-Jan-77 00:00:00 GMT", 3_376_684_800),
        ("Sunday, 01-Jan-78 00:00:00 GMT", 252_460_800),
        ("Thu, 31 Dec 1998 23:59:60 GMT", 915_148_799),
    ])
    func `The obsolete forms and a leap second are read`(_ text: String, _ seconds: Int) {
        #expect(Self.parse(text) == seconds)
    }

    @Test(arguments: [
        "", "0", "-1", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 29 Feb 2100 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 00:60:00 GMT",
        "Sun, 06 Nov 1994 00:00:61 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT", "Xyz, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov +994 08:49:37 GMT",
        "Someday, 06-Nov-94 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "Sun Nov  6 08:49:37 94", "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 06 Nov 0000 08:49:37 GMT",
    ])
    func `What is no date is not read as one`(_ text: String) {
        #expect(Self.parse(text) == nil)
    }
}
