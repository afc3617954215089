// swift-tools-version: 6.2
// The rooms and the arrows between them, top to bottom as in docs/architecture.md.
// Tests/LayerTests asserts what this file promises: a room imports only the rooms named here.

import PackageDescription

// Warnings are errors; unsafe code is spelled `unsafe`; an import is visible only where it is written.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .treatWarning("ExplicitSendable", as: .error),
]

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(
    _ name: String,
    _ dependencies: [Target.Dependency],
    resources: [Resource] = []
) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies,
        resources: resources,
        swiftSettings: strict
    )
}

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

// Built by Tests/Fuzz/fuzz.sh alone: it needs libFuzzer's driver, which only a sanitized build links.
let fuzz: [Target] =
    Context.environment["PRESIGND_FUZZ"] == nil
    ? []
    : [
        .executableTarget(
            name: "Fuzz",
            dependencies: ["Sign", "Jobs"],
            path: "Tests/Fuzz",
            exclude: ["fuzz.sh", "corpus"],
            swiftSettings: strict
        )
    ]

let package = Package(
    name: "presignd",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "presignd", targets: ["presignd"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // No traits: they would pull in swift-configuration and full Foundation.
        .package(
            url: "https://github.com/hummingbird-project/hummingbird",
            from: "2.28.1",
            traits: []
        ),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // 4
        .executableTarget(
            name: "presignd",
            dependencies: [
                "Daemon", "Settings", "Sign", "Credentials", "Objects", "Control", "Manifests",
                "Jobs", "CLinux",
                .product(name: "ArgumentParser", package: "swift-argument-parser"), log,
            ],
            swiftSettings: strict
        ),
        // 3
        room(
            "Daemon",
            [
                "Settings", "Watch", "Queue", "Sign", "Credentials", "Objects", "Transfer",
                "Publish", "LocalStore", "Control", "HTTP", "Manifests", "Jobs", "CLinux", log,
            ]
        ),
        // 2
        room("Settings", ["Jobs", yams]),
        room("Watch", ["Jobs", "CLinux"]),
        room("Queue", ["Jobs", "CSQLite", grdb]),
        room("Sign", ["Jobs", "COpenSSL", crypto]),
        room("Credentials", ["Sign", "HTTP", "Jobs", "CLinux"]),
        room("Objects", ["Jobs"]),
        room("Transfer", ["Objects", "HTTP", "Jobs", "CLinux", crypto]),
        room("Publish", ["HTTP", "Manifests", "Jobs", "CLinux", crypto, log]),
        room("LocalStore", ["Sign", "Jobs", "CLinux", hummingbird, crypto, log]),
        room("Control", ["HTTP", "Jobs", hummingbird, log]),
        // 1
        room("HTTP", ["CCurl"]),
        room("Manifests", ["Jobs", crypto]),
        room("Jobs"),
        // 0
        .systemLibrary(
            name: "CCurl",
            pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"])]
        ),
        .systemLibrary(
            name: "COpenSSL",
            pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"])]
        ),
        .systemLibrary(
            name: "CSQLite",
            pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"])]
        ),
        .target(name: "CLinux"),

        // `make bench` runs it; no part of the product.
        .executableTarget(
            name: "SignBench",
            dependencies: ["Sign", "Jobs"],
            path: "Tests/Bench/SignBench",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "QueueBench",
            dependencies: ["Queue", "Jobs"],
            path: "Tests/Bench/QueueBench",
            swiftSettings: strict
        ),

        // What servers of several tests listen with; no part of the product.
        .target(name: "Loopback", path: "Tests/Loopback", swiftSettings: strict),

        // Tests: a room's own, the arrows, and the whole program as a person uses it.
        tests("JobsTests", ["Jobs"]),
        tests("HTTPTests", ["HTTP"]),
        tests("ManifestsTests", ["Manifests", "Jobs", crypto]),
        tests("SettingsTests", ["Settings", "Jobs"]),
        tests("WatchTests", ["Watch", "Jobs", "CLinux"]),
        tests("QueueTests", ["Queue", "Jobs", grdb]),
        tests("SignTests", ["Sign", "Jobs", crypto], resources: [.copy("Fixtures")]),
        tests("CredentialsTests", ["Credentials", "Sign", "HTTP", "Jobs", "Loopback"]),
        tests("ObjectsTests", ["Objects", "Jobs"]),
        tests(
            "TransferTests",
            ["Transfer", "Objects", "Sign", "HTTP", "Jobs", "Loopback", "CLinux", crypto],
            resources: [.copy("Fixtures")]
        ),
        tests(
            "PublishTests",
            ["Publish", "HTTP", "Manifests", "Jobs", "Loopback", log],
            resources: [.copy("Fixtures")]
        ),
        tests("LocalStoreTests", ["LocalStore", "Sign", "Jobs", "CLinux", crypto, log]),
        tests(
            "DaemonTests",
            [
                "Daemon", "Control", "HTTP", "LocalStore", "Manifests", "Objects", "Publish",
                "Queue", "Sign", "Transfer", "Watch", "Jobs", "Loopback", "CLinux", log,
            ]
        ),
        tests("LayerTests", []),
        tests("EndToEndTests", ["presignd", "Control", "Sign", "Jobs", "Loopback", crypto]),
    ] + fuzz,
    swiftLanguageModes: [.v6]
)
