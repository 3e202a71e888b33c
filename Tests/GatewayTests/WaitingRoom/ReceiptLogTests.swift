import Foundation
import Testing

@testable import Gateway

@Suite
struct ReceiptLogTests {
    private static func admission(_ index: Int64, _ session: String) -> Admission {
        Admission(
            index: index,
            position: index,
            sessionDigest: session,
            milliseconds: index * 60_000
        )
    }

    @Test func `A session's entry is its newest, and gone with the page it was on`() throws {
        let log = ReceiptLog(room: "onsale", entryLimit: 5)
        log.append((1...9).map { Self.admission($0, $0 == 8 ? "s2" : "s\($0)") })
        #expect(log.entry(of: "s1")?.index == 1)
        #expect(log.entry(of: "s2")?.index == 8)
        log.append([Self.admission(10, "s10")])
        #expect(log.entry(of: "s1") == nil)
        #expect(log.entry(of: "s2")?.index == 8)
        let last = try #require(log.entry(of: "s10"))
        #expect(last.index == 10)
        #expect(last.entry.admission.position == 10)

        let next = ReceiptLog(room: "onsale", entryLimit: 5)
        next.proceed(from: log.text)
        #expect(next.entry(of: "s2")?.index == 8)
        #expect(next.entry(of: "s10")?.entry.hash == last.entry.hash)
    }

    @Test func `The roots that are told are always the present ones`() {
        let log = ReceiptLog(room: "onsale")
        #expect(log.rootsText.isEmpty)
        for minute in 1...3 as ClosedRange<Int64> {
            log.append([Self.admission(minute, "s\(minute)")])
            #expect(log.rootsText.components(separatedBy: "hash").count == Int(minute) + 1)
            #expect(
                log.rootsText.contains("{\"minute\":\(minute * 60_000),\"index\":\(minute - 1),")
            )
        }
    }
}
