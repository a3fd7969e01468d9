import Foundation
import SwiftletDeployment
import Testing

struct SystemdTests {
    /// The assignments of a unit, continued lines joined.
    private func settings(_ text: String?) throws -> [String: [String]] {
        var settings: [String: [String]] = [:]
        let joined = try #require(text).replacing("\\\n", with: "")
        for line in joined.split(separator: "\n") where !line.hasPrefix("#") && !line.hasPrefix("[") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            try #require(parts.count == 2, "\(line)")
            settings[String(parts[0]), default: []].append(String(parts[1]))
        }
        return settings
    }

    @Test func server() throws {
        let deployment = try Examples.deployment { ($0.name, $0.drainSeconds) = ("answers", 20) }
        let files = try Examples.files(.systemd, deployment)
        #expect(Set(files.keys) == ["answers.service", "answers-pull.service", "answers.sysusers.conf"])
        let unit = try settings(files["answers.service"])
        #expect(unit["Wants"] == ["answers-pull.service"] && unit["User"] == ["answers"])
        #expect(unit["Environment"] == ["SWIFTLET_HOME=%S/answers"] && unit["StateDirectory"] == ["answers"])
        #expect(unit["TimeoutStopSec"] == ["30"] && unit["Restart"] == ["on-failure"])
        #expect(unit["MemoryMax"] == ["\(deployment.size.limitMebibytes)M"])
        for setting in ["NoNewPrivileges", "PrivateDevices", "MemoryDenyWriteExecute", "ProtectHome", "PrivateTmp"] {
            #expect(unit[setting] == ["yes"], "\(setting)")
        }
        #expect(unit["ProtectSystem"] == ["strict"] && unit["CapabilityBoundingSet"] == [""])
        #expect(unit["SystemCallFilter"]?.first == "@system-service")
        let command = try #require(unit["ExecStart"]?.first)
        #expect(command.hasPrefix("/usr/local/bin/swiftlet serve --host 127.0.0.1"))
        #expect(command.contains("--drain 20s"))
        let user = try #require(files["answers.sysusers.conf"])
        #expect(user.contains("\nu answers - \"Swiftlet\" /var/lib/answers /usr/sbin/nologin\n"))
    }

    /// Specifiers, variables and quotes of a source are nothing but themselves.
    @Test func escapes() throws {
        let deployment = try Examples.deployment(source: "hf:owner/model:a b$c%d'e\"f.gguf")
        let pull = try settings(Examples.files(.systemd, deployment)["swiftlet-pull.service"])
        let command = try #require(pull["ExecStart"]?.first)
        #expect(command.contains(#""hf:owner/model:a b$$c%%d'e\"f.gguf""#), "\(command)")
    }

    @Test func byHand() throws {
        let deployment = try Examples.deployment { $0.supply = .byHand }
        let files = try Examples.files(.systemd, deployment)
        #expect(files["swiftlet-pull.service"] == nil)
        #expect(try settings(files["swiftlet.service"])["Wants"] == nil)
    }
}
