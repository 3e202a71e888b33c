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

    @Test func `A session's entry is its newest, and each new one lets go of one alone`() throws {
        let log = ReceiptLog(room: "onsale", entryLimit: 5)
        for index in 1...10 as ClosedRange<Int64> {
            log.append([Self.admission(index, index == 8 ? "s2" : "s\(index)")])
            let kept = log.entries(after: 0, limit: 100)
            #expect(kept.first == max(index - 4, 1))
            #expect(kept.entries.map(\.admission.index) == Array(kept.first...index))
        }
        #expect(log.entry(of: "s5") == nil)
        #expect(log.entry(of: "s6")?.index == 6)
        #expect(log.entry(of: "s2")?.index == 8)
        #expect(log.entries(after: 8, limit: 1).entries.map(\.admission.index) == [9])
        #expect(log.entries(after: 10, limit: 1).first == 11)
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
