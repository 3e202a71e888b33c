import ArgumentParser

/// The server that a configuration starts.
enum GatewayServer {
    /// Serves until a signal ends it; `origin` is asked again on reload.
    static func run(_ configuration: Configuration, origin: ConfigurationSource) async throws {
        throw ValidationError("this build of haniel has no data plane")
    }
}
