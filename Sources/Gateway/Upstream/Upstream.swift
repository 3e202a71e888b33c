import Transport

/// A group of servers that answer the same requests, as one generation of the configuration defines it.
final class Upstream: Sendable {
    let index: Int
    let configuration: Configuration.Upstream
    let servers: [ServerState]
    let connectNanoseconds: UInt64
    let sendNanoseconds: UInt64
    let responseNanoseconds: UInt64
    let bodyNanoseconds: UInt64
    let idleNanoseconds: UInt64

    var name: String { configuration.name }

    init(index: Int, _ configuration: Configuration.Upstream, servers: [ServerState]) {
        self.index = index
        self.configuration = configuration
        self.servers = servers
        connectNanoseconds = configuration.timeouts.connect.wholeNanoseconds
        sendNanoseconds = configuration.timeouts.send.wholeNanoseconds
        responseNanoseconds = configuration.timeouts.response.wholeNanoseconds
        bodyNanoseconds = configuration.timeouts.body.wholeNanoseconds
        idleNanoseconds = configuration.timeouts.idle.wholeNanoseconds
    }
}
