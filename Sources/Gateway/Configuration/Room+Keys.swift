extension Configuration.Room: ConfigurationSection {
    static var unfilled: Self { Self(name: "", capacity: 0) }

    static var keys: [ConfigurationKey<Self>] {
        [
            .init("name", \.name, .name, required: true),
            .init("hosts", \.hosts, .list(.word)),
            .init("paths", \.paths, .list(.word)),
            .init("capacity", \.capacity, .count(1...10_000_000), required: true),
            .init("rate", \.rate, .word),
            .init("burst", \.burst, .count(1...1_000_000)),
            .init("session", \.session, .duration(.seconds(1) ... .seconds(86_400))),
            .init("lease", \.lease, .duration(.seconds(1) ... .seconds(600))),
            .init("grace", \.grace, .duration(.seconds(1) ... .seconds(86_400))),
            .init("order", \.order, .word),
            .init("store", \.store, .word),
            .init("status", \.status, .status([200, 202, 429, 503])),
            .init("on_store_loss", \.onStoreLoss, .word),
        ]
    }
}
