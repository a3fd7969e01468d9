// swift-tools-version: 6.2
import PackageDescription

// Measurements side by side with peers; its own package, so that the house does not build them.
let package = Package(
    name: "swiftlet-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "swiftlet", path: "..")],
    targets: [
        .executableTarget(name: "divergence", dependencies: [.product(name: "SwiftletKit", package: "swiftlet")]),
        .executableTarget(name: "engine-benchmark", dependencies: [.product(name: "SwiftletKit", package: "swiftlet")]),
    ],
    swiftLanguageModes: [.v6]
)
