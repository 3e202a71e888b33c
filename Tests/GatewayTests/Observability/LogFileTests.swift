import Glibc
import Support
import Testing
import Transport

@testable import Gateway

@Suite struct LogFileTests {
    @Test func `Lines that the disk refuses are counted, with the reason`() throws {
        let file = try #require(LogFile(path: "/dev/full"))
        #expect(file.lastFailure == nil)
        file.append(Array("line\n".utf8))
        #expect(eventually { file.droppedBufferCount == 1 })
        #expect(file.lastFailure?.code == ENOSPC)
    }
}
