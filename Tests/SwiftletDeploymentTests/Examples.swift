import Foundation
import SwiftletDeployment
import SwiftletLibrary
import Testing
import Yams

/// Deployments of models that are nowhere here: the catalogue knows them.
enum Examples {
    static func library() throws -> Library {
        try Library(
            LibraryEnvironment(["SWIFTLET_HOME": "/nonexistent/swiftlet-deployment-tests", "HOME": "/nonexistent"]))
    }

    static func deployment(
        _ model: String = "smollm2:135m", source: String? = nil, _ change: (inout Deployment) -> Void = { _ in }
    ) throws -> Deployment {
        var deployment = Deployment(try DeployedModel(model, source: source, library: library()))
        deployment.command = "swiftlet deploy x --model \(model)"
        change(&deployment)
        return deployment
    }

    /// Everything that changes what is written, one thing at a time and some together.
    static let all: [@Sendable () throws -> Deployment] = [
        { try deployment() },
        { try deployment("qwen2.5-coder:1.5b") { $0.context = 16384 } },
        { try deployment("all-minilm-l6-v2:22m") { $0.isInsecure = true } },
        { try deployment { $0.supply = .bake } },
        { try deployment { ($0.supply, $0.isInsecure) = (.bake, true) } },
        { try deployment("qwen3:0.6b") { $0.supply = .bake } },
        { try deployment { ($0.supply, $0.kubernetes.namespace) = (.byHand, "clinic") } },
        { try deployment { ($0.kubernetes.autoscaling, $0.kubernetes.hasMonitor) = (.keda, true) } },
        {
            try deployment {
                ($0.kubernetes.autoscaling, $0.kubernetes.hasMonitor, $0.isInsecure) = (.adapter, true, true)
                ($0.kubernetes.isEphemeral, $0.kubernetes.namespace) = (true, "clinic")
            }
        },
        { try deployment { ($0.kubernetes.storageClass, $0.kubernetes.replicas) = ("fast", 3) } },
        // A source with everything that some notation takes for its own.
        { try deployment(source: "https://example.org/a$HOME/$(x)%25/it's/{b}:%20#\"q\".gguf?x=1&y=${Z}") },
    ]

    static func files(_ platform: Platform, _ deployment: Deployment) throws -> [String: String] {
        Dictionary(uniqueKeysWithValues: try platform.files(for: deployment).map { ($0.path, $0.text) })
    }

    /// The documents of a file; the parser refuses keys that are there twice.
    static func yaml(_ text: String?) throws -> Node {
        let documents = try Array(Yams.compose_all(yaml: try #require(text)))
        #expect(documents.count == 1)
        return try #require(documents.first)
    }

    /// The words of a command that a file gives as a list.
    static func words(_ node: Node?) throws -> [String] {
        try #require(node?.sequence).map { try #require($0.string) }
    }
}

extension Node {
    /// What lies at a path of keys and places: `spec.template.spec.containers.0`.
    func at(_ path: String) -> Node? {
        path.split(separator: ".").reduce(Optional(self)) { node, key in
            if let place = Int(key), let items = node?.sequence { return place < items.count ? items[place] : nil }
            return node?.mapping?[Node(String(key))]
        }
    }

    func text(_ path: String) -> String? { at(path)?.string }
}
