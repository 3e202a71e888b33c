import Redis
import Testing

@testable import Gateway

/// Numbers that others write: none of them may end the process.
@Suite
struct QueueNumberTests {
    private static let largest = "9223372036854775807"

    @Test(arguments: [Int64.max, .min, -1, 0, 1, 2, 3, 1 << 53])
    func `Every page of the log can be asked for`(after: Int64) {
        let log = ReceiptLog(room: "onsale")
        for index in 1...2 as ClosedRange<Int64> {
            let entry = Admission(
                index: index,
                position: index,
                sessionDigest: "d",
                milliseconds: 9
            )
            log.append([entry])
        }
        let page = log.entries(after: after, limit: 1_000)
        #expect(page.entries.count == Int(min(max(2 - max(after, 0), 0), 2)))
        #expect(page.first == min(max(after, 0), 2) + 1)
    }

    @Test func `A number in a path is one that can be counted on from`() {
        let path = WaitingRoomPath(path: "/.wr/log/onsale", query: "after=\(Self.largest)")
        #expect(path == .log(room: "onsale", after: QueueNumber.limit - 1))
        #expect(
            WaitingRoomPath(path: "/.wr/log/onsale", query: "after=-5")
                == .log(room: "onsale", after: 0)
        )
    }

    @Test func `A chain with numbers that cannot be is not gone on with`() {
        let log = ReceiptLog(room: "onsale")
        log.proceed(from: "\(Self.largest) \(log.start)\n")
        #expect(log.entries(after: 0, limit: 1).first == 1)
        log.proceed(from: "5 \(log.start)\nroot \(Self.largest) 1 aa\n")
        #expect(log.entries(after: 0, limit: 1).first == 6 && log.roots.isEmpty)
    }

    @Test func `A reply of Redis with numbers that cannot be is none`() {
        let values = [RESPValue](repeating: .integer(1), count: 29)
        #expect(RedisQueueReply(.array(values)) != nil)
        for index in values.indices {
            for number in [Int64.max, .min, QueueNumber.limit] {
                var wrong = values
                wrong[index] = .integer(number)
                #expect(RedisQueueReply(.array(wrong)) == nil)
            }
        }
    }

    @Test(arguments: [
        "v2 \(largest) 0 1 0 0\nend\n", "v2 1 0 1 \(largest) 0\nend\n",
        "v2 1 0 1 0 \(largest)\nend\n",
        "v2 1 0 1 0 0\nsession AAAAAAAAAAAAAAAAAAAAAA \(largest)\nend\n",
        "v2 1 0 1 0 0\nregistration 5 5 \(largest) 0\nend\n",
        "v2 1 0 1 0 0\nfresh AAAAAAAAAAAAAAAAAAAAAA \(largest)\nend\n",
    ])
    func `A record with numbers that cannot be is none`(text: String) {
        #expect(QueueRecord(text: text) == nil)
    }

    @Test func `A record of a program of before has names for times`() {
        let text = "v2 1 0 4 0 0\nregistration 5000 0 3\ndraw 4000 1 2\nend\n"
        let record = QueueRecord(text: text)
        let registration = QueueRegistration(name: 5_000, opensAt: 5_000, count: 3)
        #expect(record?.registration == registration)
        #expect(record?.draw == QueueDraw(name: 4_000, after: 1, count: 2))
        let again = record.flatMap { QueueRecord(text: $0.text) }
        #expect(again?.registration == registration && again?.draw == record?.draw)
    }

    @Test func `The name of keys is another for every other`() {
        let ids = ["k1", "1k", "k", "0", "00", "a0b1c2d3", "zzzzzzzz", "99999999"]
        let numbers = ids.map { RoomKeys.Generation(room: "r", id: $0, secret: [1]).number }
        #expect(Set(numbers).count == ids.count)
        #expect(numbers.allSatisfy { (1..<QueueNumber.limit).contains($0) })
    }
}
