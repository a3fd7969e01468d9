// swift-tools-version: 6.2
import PackageDescription

// Coverage-guided fuzzing with libFuzzer, which the toolchain brings; see dev/fuzz/run. The sources of the parsers are
// linked in, not depended on, so that they are built with the fuzzer's instrumentation and without the house's
// dependencies.
let package = Package(
    name: "fuzz",
    platforms: [.macOS(.v15)],
    targets: [
        .target(name: "CSwiftletKernels"),
        .target(name: "SwiftletGround"),
        .target(name: "SwiftletTokenizers", dependencies: ["SwiftletGround"]),
        .target(name: "SwiftletTemplates", dependencies: ["SwiftletGround"]),
        .target(name: "SwiftletTensors", dependencies: ["SwiftletGround", "CSwiftletKernels"]),
        .target(name: "SwiftletModelFiles", dependencies: ["SwiftletGround", "SwiftletTensors"]),
        .target(name: "SwiftletQuantizer", dependencies: ["SwiftletGround", "SwiftletTensors", "SwiftletModelFiles"]),
        .target(name: "Crypto"),
        .target(
            name: "SwiftletConversion",
            dependencies: ["SwiftletGround", "SwiftletTokenizers", "SwiftletTensors", "SwiftletModelFiles", "Crypto"]
        ),
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "SwiftletGround", "SwiftletTokenizers", "SwiftletTemplates", "SwiftletTensors", "SwiftletModelFiles",
                "SwiftletQuantizer", "SwiftletConversion",
            ],
            swiftSettings: [.unsafeFlags(["-parse-as-library"])]
        ),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c17
)

for target in package.targets where target.name != "CSwiftletKernels" {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .enableUpcomingFeature("InternalImportsByDefault"),
        ]
}
