// swift-tools-version: 6.2
import PackageDescription

/// One list for every target: Swift 6 language mode, the upcoming features the code is written for, and no warning
/// left standing. The release build optimises across modules, since the hot path crosses several of them, and
/// leaves out the run-time checks of exclusive access, which the debug build makes under every test
/// (docs/decisions/0011).
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .unsafeFlags(["-cross-module-optimization", "-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

func library(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let package = Package(
    name: "BookmeHaniel",
    products: [
        .executable(name: "haniel", targets: ["Gateway"]),
        .executable(name: "bookme", targets: ["Ticketing"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    ],
    targets: [
        .target(name: "CLinux"),
        .target(name: "CScan"),
        library("COpenSSL", pkgConfig: "openssl", apt: "libssl-dev"),
        library("CPCRE2", pkgConfig: "libpcre2-8", apt: "libpcre2-dev"),
        library("CVectorscan", pkgConfig: "libhs", apt: "libvectorscan-dev"),
        library("CMaxMindDB", pkgConfig: "libmaxminddb", apt: "libmaxminddb-dev"),
        library("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
        library("CHiredis", pkgConfig: "hiredis", apt: "libhiredis-dev"),
        library("CNghttp2", pkgConfig: "libnghttp2", apt: "libnghttp2-dev"),
        library("CArgon2", pkgConfig: "libargon2", apt: "libargon2-dev"),
        library("CMariaDB", pkgConfig: "libmariadb", apt: "libmariadb-dev"),
        library("CPango", pkgConfig: "pangocairo", apt: "libpango1.0-dev"),
        library("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),

        .target(name: "Transport", dependencies: ["CLinux", "COpenSSL"], swiftSettings: settings),
        .target(name: "HTTP", dependencies: ["CNghttp2", "CScan"], swiftSettings: settings),
        .target(name: "Locations", dependencies: ["CMaxMindDB"], swiftSettings: settings),
        .target(
            name: "Rules",
            dependencies: ["Locations", "CPCRE2", "CVectorscan", "CZlib"],
            swiftSettings: settings
        ),
        .target(name: "Redis", dependencies: ["Transport", "CHiredis"], swiftSettings: settings),
        .executableTarget(
            name: "Gateway",
            dependencies: [
                "Transport", "HTTP", "Locations", "Rules", "Redis",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "Ticketing",
            dependencies: [
                "Transport", "Redis", "CArgon2", "CMariaDB", "CPango", "CCurl",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Mustache", package: "swift-mustache"),
            ],
            swiftSettings: settings
        ),

        .target(
            name: "Support",
            dependencies: ["Transport", "HTTP", "CNghttp2"],
            path: "Tests/Support",
            swiftSettings: settings
        ),
        .testTarget(name: "HTTPTests", dependencies: ["HTTP"], swiftSettings: settings),
        .testTarget(name: "TransportTests", dependencies: ["Transport", "Support"], swiftSettings: settings),
        .testTarget(name: "RulesTests", dependencies: ["Rules", "Locations", "Support"], swiftSettings: settings),
        .testTarget(name: "RedisTests", dependencies: ["Redis", "Support"], swiftSettings: settings),
        .testTarget(
            name: "GatewayTests",
            dependencies: ["Gateway", "Support", "HTTP", "Locations", "Rules", "Transport"],
            exclude: ["Configuration/Golden"],
            swiftSettings: settings
        ),
        .testTarget(name: "TicketingTests", dependencies: ["Ticketing", "Support"], swiftSettings: settings),
        .testTarget(name: "EndToEndTests", dependencies: ["Support"], swiftSettings: settings),
        .testTarget(name: "TidyTests", swiftSettings: settings),
    ]
)
