import Foundation
import SwiftletDeployment
import Testing
import Yams

struct ComposeTests {
    @Test(arguments: Examples.all.indices) func services(_ example: Int) throws {
        let deployment = try Examples.all[example]()
        let file = try Examples.yaml(Examples.files(.compose, deployment)["compose.yaml"])
        let services = try #require(file.at("services")?.mapping)
        #expect(
            services.keys.compactMap(\.string).sorted()
                == (deployment.supply == .pull ? ["pull", "server"] : ["server"]))
        for service in services.values {
            #expect(service.text("read_only") == "true" && service.text("user") == "10001:10001")
            #expect(try Examples.words(service.at("cap_drop")) == ["ALL"])
            #expect(try Examples.words(service.at("security_opt")) == ["no-new-privileges:true"])
        }
        let server = try #require(file.at("services.server"))
        #expect(server.text("mem_limit") == "\(deployment.size.limitMebibytes)m")
        #expect(server.text("memswap_limit") == server.text("mem_limit"))
        #expect(server.text("cpus") == String(deployment.cores))
        #expect(server.text("ports.0") == "127.0.0.1:11434:11434")
        let health = try Examples.words(server.at("healthcheck.test"))
        #expect(health == ["CMD", "/usr/local/bin/swiftlet", "health", "http://127.0.0.1:11434", "--ready"])
        #expect(server.text("stop_grace_period") == "\(deployment.drainSeconds + 10)s")
        let binds = (server.at("volumes")?.sequence ?? []).filter { $0.text("type") == "bind" }
        #expect(binds.count == (deployment.isInsecure ? 0 : 1))
        #expect((file.at("volumes.library") == nil) == (deployment.supply == .bake))
    }

    /// A source's `$` stands for itself.
    @Test func dollars() throws {
        let deployment = try Examples.deployment(source: "hf:owner/model:a${b}$c.gguf")
        let file = try Examples.yaml(Examples.files(.compose, deployment)["compose.yaml"])
        let words = try Examples.words(file.at("services.pull.command"))
        #expect(words == ["pull", "hf:owner/model:a$${b}$$c.gguf", "--as", "smollm2:135m", "--if-missing"])
        #expect(file.text("services.pull.image") == "swiftlet:latest")
    }
}
