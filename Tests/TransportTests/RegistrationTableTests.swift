import Glibc
import Testing

@testable import Transport

@Suite struct RegistrationTableTests {
    private static func socket(on reactor: Reactor) throws -> Socket {
        let descriptor = Glibc.socket(
            AF_INET,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue),
            0
        )
        return try Socket(descriptor: descriptor, on: reactor)
    }

    @Test func `A socket is found by its token until it is removed`() async throws {
        try await onReactor { reactor in
            var table = RegistrationTable()
            let first = try Self.socket(on: reactor)
            let second = try Self.socket(on: reactor)
            let tokens = (table.insert(first), table.insert(second))
            #expect(tokens.0 != tokens.1)
            #expect(table.socket(for: tokens.0) === first)
            #expect(table.socket(for: tokens.1) === second)
            table.remove(tokens.0)
            #expect(table.socket(for: tokens.0) == nil)
            #expect(table.socket(for: tokens.1) === second)
        }
    }

    @Test func `A stale token finds and removes nothing, though its place was given away`()
        async throws
    {
        try await onReactor { reactor in
            var table = RegistrationTable()
            let stale = table.insert(try Self.socket(on: reactor))
            table.remove(stale)
            let socket = try Self.socket(on: reactor)
            let token = table.insert(socket)
            #expect(UInt32(truncatingIfNeeded: token) == UInt32(truncatingIfNeeded: stale))
            #expect(table.socket(for: stale) == nil)
            table.remove(stale)
            table.remove(stale)
            #expect(table.socket(for: token) === socket)
        }
    }

    @Test(arguments: [0, 1, 7, 1 << 32, UInt64.max, RegistrationTable.wakeToken])
    func `A token that was never given finds and removes nothing`(_ token: UInt64) {
        var table = RegistrationTable()
        #expect(table.socket(for: token) == nil)
        table.remove(token)
        #expect(table.socket(for: token) == nil)
    }
}
