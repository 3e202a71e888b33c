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
            .init("session", \.session, .duration(.seconds(1) ... .seconds(86_400), isWhole: true)),
            .init("lease", \.lease, .duration(.seconds(1) ... .seconds(600), isWhole: true)),
            .init("grace", \.grace, .duration(.seconds(1) ... .seconds(86_400), isWhole: true)),
            .init("order", \.order, .word),
            .init("mode", \.mode, .word),
            .init("queue_limit", \.queueLimit, .count(1...10_000_000)),
            .init("places_per_client", \.placesPerClient, .optional(.word)),
            .init("client_percent", \.clientPercent, .optional(.count(1...100))),
            .init("fingerprint_percent", \.fingerprintPercent, .optional(.count(1...100))),
            .init("challenge", \.challenge, .bool),
            .init("challenge_bits", \.challengeBits, .count(8...28)),
            .init("challenge_bits_most", \.challengeBitsMost, .count(8...28)),
            .init(
                "challenge_hold",
                \.challengeHold,
                .duration(.zero ... .seconds(600), isWhole: true)
            ),
            .init("opens_at", \.opensAt, .optional(.word)),
            .init("prequeue", \.prequeue, .optional(.duration(.zero ... .seconds(2_592_000)))),
            .init("closes_at", \.closesAt, .optional(.word)),
            .init("every", \.every, .optional(.duration(.seconds(60) ... .seconds(31_536_000)))),
            .init("bypass", \.bypass, .list(.word)),
            .init("priority", \.priority, .list(.word)),
            .init("codes", \.codes, .list(.section)),
            .init("origins", \.origins, .list(.origin)),
            .init(
                "latency_target",
                \.latencyTarget,
                .optional(.duration(.milliseconds(1) ... .seconds(60)))
            ),
            .init("least_capacity", \.leastCapacity, .count(1...10_000_000)),
            .init("pages", \.pages, .optional(.path)),
            .init("store", \.store, .word),
            .init("status", \.status, .status([200, 202, 429, 503])),
            .init("on_store_loss", \.onStoreLoss, .word),
        ]
    }
}

extension Configuration.RoomCode: ConfigurationSection {
    static var unfilled: Self { Self(code: "") }

    static var keys: [ConfigurationKey<Self>] {
        [
            .init(
                "code",
                \.code,
                .text("a code of 4 to 64 letters, digits, `-` and `_`") { code in
                    (4...64).contains(code.utf8.count)
                        && code.utf8.allSatisfy { byte in
                            switch byte {
                            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
                            default: false
                            }
                        }
                },
                required: true
            ),
            .init("uses", \.uses, .count(1...10_000_000)),
        ]
    }
}
