extension Configuration.Route: ConfigurationSection {
    static var unfilled: Self { Self(action: .deny(0)) }

    static var alternatives: [String] { ["proxy", "deny", "redirect", "answer", "files"] }

    static var keys: [ConfigurationKey<Self>] {
        [
            .init("hosts", \.hosts, .list(.word)),
            .init("paths", \.paths, .list(.word)),
            .init("methods", \.methods, .list(.method)),
            .init("proxy", .name) {
                if case .proxy(let name) = $0.action { name } else { nil }
            } set: {
                $0.action = .proxy($1)
            },
            .init("deny", .count(400...599)) {
                // The unfilled route holds a status that no file can give, so that it prints as no action at all.
                if case .deny(let status) = $0.action, status > 0 { status } else { nil }
            } set: {
                $0.action = .deny($1)
            },
            .init("redirect", .section) {
                if case .redirect(let target) = $0.action { target } else { nil }
            } set: {
                $0.action = .redirect($1)
            },
            .init("answer", .section) {
                if case .answer(let answer) = $0.action { answer } else { nil }
            } set: {
                $0.action = .answer($1)
            },
            .init("files", .section) {
                if case .files(let files) = $0.action { files } else { nil }
            } set: {
                $0.action = .files($1)
            },
            .init("limits", \.limits, .list(.name)),
            .init("session", \.session, .word),
            .init("room", \.room, .optional(.name)),
            .init("rules", \.rules, .optional(.word)),
            .init("paranoia", \.paranoia, .optional(.count(1...4))),
            .init("rules_request_body", \.rulesRequestBody, .optional(.bool)),
            .init("cache", \.cache, .bool),
        ]
    }
}

extension Configuration.Redirect: ConfigurationSection {
    static var unfilled: Self { Self(to: "") }

    static var keys: [ConfigurationKey<Self>] {
        [
            .init(
                "to",
                \.to,
                .text("an absolute URL, or a path on the same host") { target in
                    target.utf8.allSatisfy { (0x21...0x7E).contains($0) }
                        && ["http://", "https://", "/"].contains { target.hasPrefix($0) }
                },
                required: true
            ),
            .init("status", \.status, .status([301, 302, 303, 307, 308])),
        ]
    }
}

extension Configuration.Answer: ConfigurationSection {
    static var unfilled: Self { Self() }

    static var keys: [ConfigurationKey<Self>] {
        [
            .init("status", \.status, .count(200...599)),
            .init(
                "content_type",
                \.contentType,
                .text("a media type such as text/html") {
                    $0.isPrintableLine && $0.contains("/") && $0.utf8.count <= 256
                }
            ),
            .init("body", \.body, .text("text of at most 64KiB") { $0.utf8.count <= 64 << 10 }),
        ]
    }
}

extension Configuration.Files: ConfigurationSection {
    static var unfilled: Self { Self(root: "") }

    static var keys: [ConfigurationKey<Self>] {
        [
            .init("root", \.root, .path, required: true),
            .init(
                "index",
                \.index,
                .text("a file name") { $0.isPrintableLine && !$0.isEmpty && !$0.contains("/") }
            ),
            .init("max_age", \.maxAge, .duration(.zero ... .seconds(365 * 86_400), isWhole: true)),
        ]
    }
}
