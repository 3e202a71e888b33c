import Support
import Synchronization
import Testing
import Transport

@testable import Gateway

@Suite struct HealthCheckerTests {
    /// What a scripted server says to its health questions, one after the other; how often it was asked.
    private final class Patient: Sendable {
        let questions = Atomic(0)
    }

    /// Whether the server counts as well after each of the answers.
    private static func standing(after statuses: [Int]) async throws -> [Bool] {
        let patient = Patient()
        let origin = try TestOrigin { _, connection in
            let index = patient.questions.wrappingAdd(1, ordering: .relaxed).oldValue
            let status = index < statuses.count ? statuses[index] : statuses[statuses.count - 1]
            guard status > 0 else { return connection.wire.close() }
            try connection.respond(status)
        }
        let port = origin.port
        return try await onReactor { reactor in
            let server = ServerState(
                name: "app",
                address: .ip(IPAddress(v4: 0x7F00_0001), port: port)
            )
            var configuration = Configuration.Upstream(name: "origin", servers: [])
            configuration.health = .init(
                path: "/healthz",
                interval: .milliseconds(1),
                timeout: .seconds(20),
                rise: 2,
                fall: 3
            )
            let upstream = Upstream(index: 0, configuration, servers: [server])
            let notes = Standing()
            let checker = HealthChecker(
                upstream: upstream,
                reactor: reactor,
                log: ServiceLog(level: .error)
            )
            // Asked before each round: what the round before it has brought.
            await checker.run {
                notes.values.append(server.passesHealthChecks)
                return notes.values.count <= statuses.count
            }
            return Array(notes.values.dropFirst())
        }
    }

    private final class Standing {
        var values: [Bool] = []
    }

    @Test(arguments: [
        ([200, 200], [true, true]), ([500, 500, 500, 500], [true, true, false, false]),
        ([500, 500, 200, 500, 500, 200], [true, true, true, true, true, true]),
        ([500, 500, 500, 200, 200], [true, true, false, false, true]),
        ([500, 500, 500, 200, 500, 200, 200], [true, true, false, false, false, false, true]),
        ([0, 0, 0, 302, 204], [true, true, false, false, true]),
        ([404, 404, 404], [true, true, false]),
    ])
    func `A server falls after three bad answers and rises after two good ones`(
        _ statuses: [Int],
        _ expected: [Bool]
    ) async throws {
        #expect(try await Self.standing(after: statuses) == expected)
    }
}
