import Foundation
import SwiftletDeployment
import SwiftletGround
import SwiftletLibrary
import Testing
import Yams

/// What is true of every file of every platform.
struct AllFilesTests {
    @Test(arguments: Platform.allCases, Examples.all.indices)
    func readsAsWhatItIs(_ platform: Platform, _ example: Int) throws {
        let deployment = try Examples.all[example]()
        let files = try platform.files(for: deployment)
        #expect(Set(files.map(\.path)).count == files.count && !files.isEmpty)
        for file in files {
            #expect(file.text.hasPrefix("# Made by: swiftlet deploy x"), "\(file.path)")
            #expect(file.text.hasSuffix("\n") && !file.text.hasSuffix("\n\n"), "\(file.path)")
            let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(!lines.contains { $0.hasSuffix(" ") || $0.contains("\t") }, "\(file.path)")
            if file.path.hasSuffix(".yaml") { _ = try Examples.yaml(file.text) }
        }
    }

    /// The server's command says on every platform what the plan says.
    @Test(arguments: Examples.all.indices) func oneCommand(_ example: Int) throws {
        let deployment = try Examples.all[example]()
        let docker = try #require(try Examples.files(.docker, deployment)["Dockerfile"])
        let line = try #require(docker.split(separator: "\n").last { $0.hasPrefix("CMD ") })
        let words = try Examples.words(Examples.yaml(String(line.dropFirst(4))))
        #expect(words.starts(with: ["serve", "--host", "0.0.0.0", "--port", "11434"]))
        func value(_ option: String) -> String? {
            words.firstIndex(of: option).map { words[$0 + 1] }
        }
        #expect(value("--preload") == deployment.model.name.description)
        #expect(value("--context") == String(deployment.context))
        #expect(value("--memory") == "\(deployment.size.modelMebibytes)MiB")
        #expect(words.contains("--insecure") == deployment.isInsecure)
        let compose = try Examples.yaml(Examples.files(.compose, deployment)["compose.yaml"])
        let composed = try Examples.words(compose.at("services.server.command")).filter { $0 != "--keys" }
        #expect(composed.filter { !$0.hasPrefix("/etc/") } == words.filter { $0 != "--keys" && !$0.hasPrefix("/etc/") })
        let unit = try #require(try Examples.files(.systemd, deployment)["swiftlet.service"])
        #expect(unit.contains("--memory \(deployment.size.modelMebibytes)MiB"))
        #expect(unit.contains("MemoryMax=\(deployment.size.limitMebibytes)M"))
        #expect(unit.contains("CPUQuota=\(deployment.cores * 100)%"))
    }

    /// Names and numbers that a platform would not take, or would take for something else.
    @Test func wrongOptions() throws {
        let wrong: [(inout Deployment) -> Void] = [
            { $0.name = "" }, { $0.name = "Swiftlet" }, { $0.name = "a b" }, { $0.name = "a\nb" }, { $0.name = "-a" },
            { $0.name = String(repeating: "a", count: 41) }, { $0.image = "" }, { $0.image = "a b" },
            { $0.image = "a\"" }, { $0.image = "a$b" }, { $0.image = "swiftlet:" }, { $0.port = 80 },
            { $0.port = 70000 }, { $0.cores = 0 }, { $0.parallel = 0 }, { $0.context = 0 }, { $0.context = .max },
            { $0.drainSeconds = -1 }, { $0.binary = "swiftlet" }, { $0.binary = "/usr/../x" }, { $0.binary = "/a b" },
            { $0.binary = "/home/me/swiftlet" }, { $0.kubernetes.namespace = "A" }, { $0.kubernetes.replicas = 0 },
            { $0.kubernetes.replicas = 5 }, { $0.kubernetes.storageClass = "a: b" },
            { $0.kubernetes.waitingPerReplica = 0 }, { $0.kubernetes.prometheusAddress = "http://x\"" },
        ]
        for (place, change) in wrong.enumerated() {
            let deployment = try Examples.deployment("smollm2:135m", change)
            #expect(throws: DeploymentError.self, "change \(place)") {
                for platform in Platform.allCases { _ = try platform.files(for: deployment) }
            }
        }
    }

    /// A command line is a comment, whatever it holds.
    @Test func commandsEndNoComment() throws {
        let deployment = try Examples.deployment { $0.command = "swiftlet deploy x\nFROM evil\r\nRUN x" }
        for platform in Platform.allCases {
            for file in try platform.files(for: deployment) {
                #expect(!file.text.split(separator: "\n").contains { $0.hasPrefix("FROM evil") }, "\(file.path)")
            }
        }
    }
}
