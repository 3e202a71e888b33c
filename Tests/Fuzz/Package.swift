// swift-tools-version: 6.2
import PackageDescription

/// The fuzzers, apart from the product: `scripts/fuzz`, or `swift run -c release --sanitize=address fuzz-http1`,
/// `fuzz-rules all`.
///
/// `LIBFUZZER=1 swift build -c release --product libfuzzer-http1` builds the same checks for libFuzzer.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]
let sanitizers = ["-sanitize=fuzzer,address"]
let usesLibFuzzer = Context.environment["LIBFUZZER"] != nil
let checked: [SwiftSetting] = settings + (usesLibFuzzer ? [.unsafeFlags(sanitizers)] : [])

/// The checks of the rules look inside the module.
let testable: [SwiftSetting] = settings + [.unsafeFlags(["-enable-testing"])]

var targets: [Target] = [
    .target(name: "FuzzSupport", swiftSettings: settings),
    .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8"),
    .systemLibrary(name: "CVectorscan", pkgConfig: "libhs"),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
    .systemLibrary(name: "CMaxMindDB", pkgConfig: "libmaxminddb"),
    .target(name: "Locations", dependencies: ["CMaxMindDB"], swiftSettings: settings),
    .target(
        name: "Rules",
        dependencies: ["CPCRE2", "CVectorscan", "CZlib", "Locations"],
        swiftSettings: testable
    ),
    .target(name: "RulesChecks", dependencies: ["Rules"], swiftSettings: testable),
    .executableTarget(
        name: "fuzz-rules",
        dependencies: ["RulesChecks", "FuzzSupport"],
        path: "Sources/FuzzRules",
        swiftSettings: settings
    ),
    // A link into the product's sources, since a package may not name a folder outside its own.
    .systemLibrary(
        name: "CNghttp2",
        pkgConfig: "libnghttp2",
        providers: [.apt(["libnghttp2-dev"])]
    ),
    .target(name: "CScan"),
    .target(name: "HTTP", dependencies: ["CNghttp2", "CScan"], swiftSettings: checked),
    .target(name: "HTTP1Checks", dependencies: ["HTTP"], swiftSettings: checked),
]
// What the parsers of the connection's beginning stand on; opened to the checks as tests open them.
let opened: [SwiftSetting] =
    settings + [
        .enableUpcomingFeature("InferIsolatedConformances"), .unsafeFlags(["-enable-testing"]),
    ]
if usesLibFuzzer {
    targets.append(.target(name: "CLibFuzzer"))
    targets.append(
        .executableTarget(
            name: "libfuzzer-http1",
            dependencies: ["HTTP1Checks", "CLibFuzzer"],
            path: "Sources/LibFuzzerHTTP1",
            swiftSettings: checked,
            linkerSettings: [.unsafeFlags(sanitizers + ["-use-ld=lld"])]
        )
    )
} else {
    targets.append(
        .executableTarget(
            name: "fuzz-http1",
            dependencies: ["HTTP1Checks", "FuzzSupport"],
            path: "Sources/FuzzHTTP1",
            swiftSettings: settings
        )
    )
    targets += [
        .target(name: "HTTP2Checks", dependencies: ["HTTP"], swiftSettings: settings),
        .executableTarget(
            name: "fuzz-http2",
            dependencies: ["HTTP2Checks", "FuzzSupport"],
            path: "Sources/FuzzHTTP2",
            swiftSettings: settings
        ),
        .target(name: "CLinux"),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .target(name: "Transport", dependencies: ["CLinux", "COpenSSL"], swiftSettings: opened),
        .target(
            name: "EdgeChecks",
            dependencies: ["Transport"],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "fuzz-edge",
            dependencies: ["EdgeChecks"],
            path: "Sources/FuzzEdge",
            swiftSettings: settings
        ),
    ]
}

let package = Package(name: "Fuzz", targets: targets)
