import Foundation
import SwiftletDeployment
import Testing

struct DockerTests {
    private func dockerfile(_ deployment: Deployment) throws -> String {
        try #require(try Examples.files(.docker, deployment)["Dockerfile"])
    }

    private func lines(_ deployment: Deployment) throws -> [Substring] {
        try dockerfile(deployment).split(separator: "\n").filter { !$0.hasPrefix("#") }
    }

    /// What runs is nobody in particular, can be watched, and has no Python; what pulls from PyPI has.
    @Test func stages() throws {
        let lines = try lines(Examples.deployment())
        let stages = lines.filter { $0.hasPrefix("FROM ") }.map { $0.split(separator: " ").last }
        #expect(stages == ["builder", "base", "pull", "serve"])
        #expect(lines.last { $0.hasPrefix("USER ") } == "USER 10001:10001")
        #expect(lines.contains("EXPOSE 11434") && lines.contains("STOPSIGNAL SIGTERM"))
        #expect(lines.contains("VOLUME [\"/var/lib/swiftlet\"]"))
        let check = try #require(lines.firstIndex { $0.hasPrefix("HEALTHCHECK ") })
        #expect(lines[check + 1] == "    CMD [\"/usr/local/bin/swiftlet\", \"health\", \"http://127.0.0.1:11434\"]")
        let serve = try #require(lines.lastIndex { $0.hasPrefix("FROM ") })
        #expect(!lines[serve...].contains { $0.contains("python") })
        #expect(lines.contains { $0.contains("--static-swift-stdlib") })
    }

    @Test func otherSourcesNeedNoPython() throws {
        #expect(try !dockerfile(Examples.deployment("qwen3:0.6b")).contains("python"))
        #expect(try !dockerfile(Examples.deployment { $0.supply = .byHand }).contains("python"))
    }

    @Test func bakedModelsAreOfRoot() throws {
        let lines = try lines(Examples.deployment { $0.supply = .bake })
        #expect(lines.filter { $0.hasPrefix("FROM ") }.count == 5)
        #expect(lines.contains { $0.hasPrefix("RUN [\"/usr/local/bin/swiftlet\", \"pull\", \"smollm2:135m\"") })
        #expect(lines.contains("COPY --from=baked --chown=0:0 /usr/share/swiftlet /usr/share/swiftlet"))
        #expect(!lines.contains { $0.hasPrefix("VOLUME") })
        #expect(lines.last { $0.hasPrefix("ENV ") } == "ENV SWIFTLET_HOME=/usr/share/swiftlet")
        // Root in the stage that nobody runs; the last one begins as the base does, as nobody.
        let last = try #require(lines.lastIndex { $0.hasPrefix("FROM base AS serve") })
        #expect(!lines[last...].contains { $0.hasPrefix("USER 0") })
    }
}
