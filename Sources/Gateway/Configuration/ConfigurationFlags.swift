/// The flags of `haniel serve` as they were given. They win over a file, and without one they are the configuration.
struct ConfigurationFlags: Sendable, Equatable {
    /// Servers to forward everything to.
    var to: [String] = []
    var http: [String] = []
    var https: [String] = []
    var certificate: String?
    var key: String?
    var rules: [String] = []
    var rulesMode: String?
    var reportRules = false
    var rooms: [String] = []
    var redis: String?
    var admin: String?
    var workers: String?

    /// Where the gateway listens if nobody says where.
    static let defaultListener = Address.ip(host: "127.0.0.1", port: 8443)

    /// Puts the flags over what the file said, and notes every flag that cannot be read.
    func apply(to decoded: inout DecodedConfiguration) {
        var overlay = FlagOverlay(decoded: decoded)
        overlay.setListeners(http: http, https: https, isRequired: decoded.source.file.isEmpty)
        overlay.setCertificate(certificate, key: key)
        overlay.setUpstream(to)
        overlay.setRules(files: rules, mode: rulesMode, report: reportRules)
        overlay.setRooms(rooms)
        overlay.setRedis(redis)
        overlay.setAdmin(admin)
        overlay.setWorkers(workers)
        decoded = overlay.decoded
    }
}
