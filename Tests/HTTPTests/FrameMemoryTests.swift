import Testing

@testable import HTTP

@Suite struct FrameMemoryTests {
    @Test func `The buffer for frames is empty after a rest, where it was, and can be used`() throws {
        let memory = FrameMemory()
        let frame = try #require(unsafe memory.reallocate(nil, 16_400))
        unsafe frame.storeBytes(of: 7, toByteOffset: 16_399, as: UInt8.self)
        memory.rest()
        #expect(unsafe frame.load(fromByteOffset: 16_399, as: UInt8.self) == 0)
        unsafe frame.storeBytes(of: 9, toByteOffset: 16_399, as: UInt8.self)
        #expect(unsafe frame.load(fromByteOffset: 16_399, as: UInt8.self) == 9)
        unsafe memory.release(frame)
    }

    @Test func `Only one buffer has pages of its own, and nothing else loses its contents`() throws {
        let memory = FrameMemory()
        let frame = try #require(unsafe memory.allocate(16_400))
        let others = unsafe [memory.allocate(16_400), memory.allocate(64)].compactMap { $0 }
        for other in unsafe others { unsafe other.storeBytes(of: 5, as: UInt8.self) }
        memory.rest()
        #expect(unsafe others.allSatisfy { unsafe $0.load(as: UInt8.self) == 5 })
        unsafe memory.release(frame)
        for other in unsafe others { unsafe memory.release(other) }
    }
}
