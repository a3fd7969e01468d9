// swift-tools-version: 6.2
import PackageDescription

// The house, floor by floor: a target may import only floors below its own (checked by dev/check-layers).
let package = Package(
    name: "swiftlet",
    platforms: [.macOS(.v15)],
    products: [
        // An app that imports only SwiftletKit builds neither library nor server.
        .library(name: "SwiftletKit", targets: ["SwiftletKit"]),
        .library(name: "SwiftletServer", targets: ["SwiftletServer"]),
        .executable(name: "swiftlet", targets: ["SwiftletCommandLine"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // Only SwiftletLibrary and what stands on it use these: an app that embeds the engine builds none of them.
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        // Only SwiftletServer uses these.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        // Only SwiftletHistory uses it.
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // floor 0: ground
        .target(name: "CSwiftletKernels"),
        .target(name: "SwiftletGround"),
        .target(name: "SwiftletTokenizers", dependencies: ["SwiftletGround"]),
        .target(name: "SwiftletTemplates", dependencies: ["SwiftletGround"]),
        .target(name: "SwiftletGrammars", dependencies: ["SwiftletGround"]),
        // floor 1
        .target(name: "SwiftletTensors", dependencies: ["SwiftletGround", "CSwiftletKernels"]),
        // floor 2
        .target(name: "SwiftletModelFiles", dependencies: ["SwiftletGround", "SwiftletTensors"]),
        // floor 3
        .target(
            name: "SwiftletModels",
            dependencies: [
                "SwiftletGround", "SwiftletTokenizers", "SwiftletTemplates", "SwiftletTensors", "SwiftletModelFiles",
            ]
        ),
        // floor 4
        .target(
            name: "SwiftletEngine",
            dependencies: [
                "SwiftletGround", "SwiftletTokenizers", "SwiftletTemplates", "SwiftletGrammars", "SwiftletTensors",
                "SwiftletModels",
            ]
        ),
        // floor 5
        .target(name: "SwiftletQuantizer", dependencies: ["SwiftletGround", "SwiftletTensors", "SwiftletModelFiles"]),
        .target(
            name: "SwiftletConversion",
            dependencies: [
                "SwiftletGround", "SwiftletTokenizers", "SwiftletTensors", "SwiftletModelFiles",
                .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),
        .target(
            name: "SwiftletLibrary",
            dependencies: [
                "SwiftletGround", "SwiftletTensors", "SwiftletModelFiles",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Yams", package: "Yams"),
            ],
            resources: [.embedInCode("Resources/catalogue.yaml"), .embedInCode("Resources/wheel.py")]
        ),
        .target(
            name: "SwiftletEvaluation",
            dependencies: [
                "SwiftletGround", "SwiftletTokenizers", "SwiftletTensors", "SwiftletModelFiles", "SwiftletModels",
                "SwiftletEngine",
            ]
        ),
        .target(
            name: "SwiftletHistory",
            dependencies: [
                "SwiftletGround", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        // floor 6
        .target(
            name: "SwiftletServer",
            dependencies: [
                "SwiftletGround", "SwiftletTokenizers", "SwiftletTemplates", "SwiftletTensors", "SwiftletModelFiles",
                "SwiftletModels", "SwiftletEngine", "SwiftletLibrary", "SwiftletQuantizer", "SwiftletHistory",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
                .product(name: "Yams", package: "Yams"),
            ],
            resources: [.embedInCode("Web"), .embedInCode("OpenAPI/openapi.yaml")]
        ),
        .target(name: "SwiftletDeployment", dependencies: ["SwiftletGround", "SwiftletTensors", "SwiftletLibrary"]),
        // floor 7
        .target(
            name: "SwiftletKit",
            dependencies: [
                "SwiftletGround", "SwiftletTokenizers", "SwiftletTemplates", "SwiftletGrammars", "SwiftletTensors",
                "SwiftletModelFiles", "SwiftletModels", "SwiftletEngine",
            ]
        ),
        .executableTarget(
            name: "SwiftletCommandLine",
            dependencies: [
                "SwiftletGround", "SwiftletTokenizers", "SwiftletTemplates", "SwiftletTensors", "SwiftletModelFiles",
                "SwiftletModels", "SwiftletEngine", "SwiftletLibrary", "SwiftletQuantizer", "SwiftletConversion",
                "SwiftletEvaluation", "SwiftletHistory", "SwiftletServer", "SwiftletDeployment",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]
        ),
        // The engine in an app; CI runs it.
        .executableTarget(name: "answers", dependencies: ["SwiftletKit"], path: "Examples/Answers"),
        .target(name: "CAllocationCounter", path: "Tests/Support/CAllocationCounter"),
        .testTarget(name: "SwiftletGroundTests", dependencies: ["SwiftletGround"]),
        .testTarget(
            name: "SwiftletLibraryTests",
            dependencies: [
                "SwiftletLibrary", "SwiftletGround", "SwiftletTensors", "SwiftletModelFiles",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),
        .testTarget(
            name: "SwiftletConversionTests",
            dependencies: [
                "SwiftletConversion", "SwiftletGround", "SwiftletTokenizers", "SwiftletTensors", "SwiftletModelFiles",
                "SwiftletModels", "SwiftletEngine", .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),
        .testTarget(name: "SwiftletTemplatesTests", dependencies: ["SwiftletGround", "SwiftletTemplates"]),
        .testTarget(
            name: "SwiftletGrammarsTests",
            dependencies: [
                "SwiftletGrammars", "SwiftletGround", "SwiftletModelFiles", "SwiftletModels", "SwiftletTokenizers",
            ]
        ),
        .testTarget(name: "SwiftletTensorsTests", dependencies: ["SwiftletTensors"]),
        .testTarget(
            name: "SwiftletModelFilesTests", dependencies: ["SwiftletModelFiles", "SwiftletTensors", "SwiftletGround"]),
        .testTarget(
            name: "SwiftletModelsTests",
            dependencies: [
                "SwiftletModels", "SwiftletGround", "SwiftletModelFiles", "SwiftletTensors", "SwiftletTokenizers",
            ]
        ),
        .testTarget(
            name: "SwiftletQuantizerTests",
            dependencies: [
                "SwiftletQuantizer", "SwiftletModelFiles", "SwiftletTensors", "SwiftletGround",
                .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),
        .testTarget(
            name: "SwiftletEngineTests",
            dependencies: [
                "CAllocationCounter", "SwiftletEngine", "SwiftletGround", "SwiftletModelFiles", "SwiftletModels",
                "SwiftletTemplates", "SwiftletTensors", "SwiftletTokenizers",
            ]
        ),
        .testTarget(
            name: "SwiftletEvaluationTests",
            dependencies: [
                "SwiftletEvaluation", "SwiftletConversion", "SwiftletEngine", "SwiftletGround", "SwiftletModelFiles",
                "SwiftletModels", "SwiftletQuantizer", "SwiftletTensors", "SwiftletTokenizers",
                .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),
        .testTarget(
            name: "SwiftletHistoryTests",
            dependencies: ["SwiftletGround", "SwiftletHistory", .product(name: "Logging", package: "swift-log")]),
        .testTarget(
            name: "SwiftletServerTests",
            dependencies: [
                "SwiftletServer", "SwiftletGround", "SwiftletLibrary", "SwiftletEngine", "SwiftletModels",
                "SwiftletTokenizers", "SwiftletHistory",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .testTarget(
            name: "SwiftletDeploymentTests",
            dependencies: [
                "SwiftletDeployment", "SwiftletGround", "SwiftletLibrary",
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        .testTarget(name: "SwiftletCommandLineTests", dependencies: ["SwiftletCommandLine", "SwiftletGround"]),
        .testTarget(name: "SwiftletTokenizersTests", dependencies: ["SwiftletGround", "SwiftletTokenizers"]),
        .testTarget(
            name: "TokenizerConformanceTests",
            dependencies: ["SwiftletGround", "SwiftletTokenizers", "SwiftletModelFiles", "SwiftletModels"]
        ),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c17
)

// In CI a warning of ours is an error; dependencies keep their own flags.
let isStrict = Context.environment["SWIFTLET_WARNINGS"] == "error"

// Tests that do not calculate: they take twice as long to compile with optimization, and run no faster.
let unoptimized: Set = [
    "SwiftletLibraryTests", "SwiftletTemplatesTests", "SwiftletGrammarsTests", "SwiftletHistoryTests",
    "SwiftletServerTests", "SwiftletDeploymentTests", "SwiftletCommandLineTests",
]

for target in package.targets {
    if ["CSwiftletKernels", "CAllocationCounter"].contains(target.name) {
        if isStrict { target.cSettings = (target.cSettings ?? []) + [.treatAllWarnings(as: .error)] }
        continue
    }
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ]
    if isStrict { target.swiftSettings?.append(.treatAllWarnings(as: .error)) }
    if unoptimized.contains(target.name) { target.swiftSettings?.append(.unsafeFlags(["-Onone"])) }
}
