import HTTP
import Support
import Testing

@testable import Gateway

/// A worker with a listener of its own in this process, for stories that need more than one stage.
final class GatewayScene {
    let port: UInt16
    let shared: SharedState
    let worker: Worker

    /// - Parameter change: completes a configuration that listens and has no route yet.
    init(_ change: (inout Configuration) throws -> Void) throws {
        port = try Loopback.freePort()
        var configuration = Configuration()
        configuration.listeners = [.init(address: .ip(host: "127.0.0.1", port: port))]
        configuration.log.access = .off
        configuration.log.waf = .off
        configuration.admin.address = nil
        try change(&configuration)
        shared = try SharedState(configuration, workerCount: 1)
        let snapshot = try Snapshot(configuration, generation: 1, shared: shared)
        shared.publish(snapshot)
        worker = try Worker(
            index: 0,
            shared: shared,
            snapshot: snapshot,
            log: ServiceLog(level: .error)
        )
        try worker.bind(configuration.listeners)
        if let address = configuration.admin.address { try worker.bindAdmin(address) }
        try worker.start()
    }

    deinit {
        shared.beginDraining()
        worker.beginDraining()
    }

    func connect() throws -> Wire { try Loopback.connect(port: port) }
}

extension Configuration {
    /// Forwards everything to one origin.
    mutating func proxyEverything(to origin: TestOrigin) {
        upstreams = [.init(name: "origin", servers: [.ip(host: "127.0.0.1", port: origin.port)])]
        routes = [.init(action: .proxy("origin"))]
    }
}
