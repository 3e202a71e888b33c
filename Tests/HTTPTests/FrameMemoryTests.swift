import Testing

@testable import HTTP

@Suite struct FrameMemoryTests {
    @Test func `The buffer for frames is empty after a rest, where it was, and can be used`() {
        let memory = FrameMemory()
        guard let frame = unsafe memory.reallocate(nil, 16_400) else {
            Issue.record("no memory")
            return
        }
        unsafe frame.storeBytes(of: 7, toByteOffset: 16_399, as: UInt8.self)
        memory.rest()
        let afterRest = unsafe frame.load(fromByteOffset: 16_399, as: UInt8.self)
        unsafe frame.storeBytes(of: 9, toByteOffset: 16_399, as: UInt8.self)
        let written = unsafe frame.load(fromByteOffset: 16_399, as: UInt8.self)
        #expect([afterRest, written] == [0, 9])
        unsafe memory.release(frame)
    }

    @Test func `Only one buffer has pages of its own, and nothing else loses its contents`() {
        let memory = FrameMemory()
        guard let frame = unsafe memory.allocate(16_400), let other = unsafe memory.allocate(16_400)
        else {
            Issue.record("no memory")
            return
        }
        unsafe other.storeBytes(of: 5, as: UInt8.self)
        memory.rest()
        let kept = unsafe other.load(as: UInt8.self)
        #expect(kept == 5)
        unsafe memory.release(frame)
        unsafe memory.release(other)
    }

    @Test(arguments: [0, 5] as [UInt8])
    func `The table of streams keeps what is in it`(_ value: UInt8) {
        let memory = FrameMemory()
        guard let table = unsafe memory.allocateZeros(256, 16),
            let frame = unsafe memory.reallocate(nil, 16_400)
        else {
            Issue.record("no memory")
            return
        }
        unsafe table.storeBytes(of: value, toByteOffset: 4_095, as: UInt8.self)
        unsafe frame.storeBytes(of: 7, as: UInt8.self)
        memory.rest()
        let kept = unsafe [
            table.load(fromByteOffset: 4_095, as: UInt8.self), frame.load(as: UInt8.self),
        ]
        #expect(kept == [value, 0])
        unsafe memory.release(table)
        unsafe memory.release(frame)
    }

    @Test func `What grows out of the pages takes its contents along`() {
        let memory = FrameMemory()
        guard let frame = unsafe memory.reallocate(nil, 16_400) else {
            Issue.record("no memory")
            return
        }
        unsafe frame.storeBytes(of: 7, toByteOffset: 16_399, as: UInt8.self)
        let larger = unsafe memory.reallocate(frame, 32_800)
        let moved = unsafe larger?.load(fromByteOffset: 16_399, as: UInt8.self)
        #expect(moved == 7)
        unsafe memory.release(larger)
    }
}
