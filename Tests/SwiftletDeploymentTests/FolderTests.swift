import Foundation
import SwiftletDeployment
import SwiftletGround
import Testing

struct FolderTests {
    @Test func writesWholeFilesOnce() throws {
        let url = FileManager.default.temporaryDirectory.appending(
            path: "swiftlet-deploy-\(UUID().uuidString)", directoryHint: .isDirectory)
        defer { try? FileManager.default.removeItem(at: url) }
        let folder = DeploymentFolder(url)
        let files = try Platform.systemd.files(for: Examples.deployment())
        try folder.write(files, overwriting: false)
        func names() throws -> Set<String> {
            Set(try FileManager.default.contentsOfDirectory(atPath: url.path(percentEncoded: false)))
        }
        #expect(try names() == Set(files.map(\.path)))
        // The same again is no conflict.
        try folder.write(files, overwriting: false)
        let unit = url.appending(path: "swiftlet.service")
        try Data("mine".utf8).write(to: unit)
        let changed = try Platform.systemd.files(for: Examples.deployment("qwen3:0.6b"))
        let error = #expect(throws: DeploymentError.self) { try folder.write(changed, overwriting: false) }
        #expect(error?.code == .exists)
        // Nothing was written, not even what was not in the way.
        #expect(try String(contentsOf: unit, encoding: .utf8) == "mine")
        #expect(
            try !String(contentsOf: url.appending(path: "swiftlet-pull.service"), encoding: .utf8).contains("qwen3"))
        try folder.write(changed, overwriting: true)
        #expect(try String(contentsOf: unit, encoding: .utf8).contains("qwen3:0.6b"))
        #expect(try names() == Set(files.map(\.path)))
    }
}
