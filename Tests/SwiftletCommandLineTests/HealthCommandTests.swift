import Foundation
import Testing

/// `swiftlet health`: 0 for a server that answers, 1 for everything else.
struct HealthCommandTests {
    @Test func answersForAServer() throws {
        let process = CommandRun.process(["serve", "--host", "127.0.0.1:0"])
        let output = Pipe()
        (process.standardInput, process.standardOutput) = (FileHandle.nullDevice, output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let address = String(try #require(line.split(separator: " ").dropFirst(3).first))
        for arguments in [[address], [address, "--ready"], [String(address.dropFirst("http://".count))]] {
            let run = try CommandRun(["health"] + arguments)
            #expect(run.status == 0 && run.text == "ok\n", "\(arguments): \(run.error)")
        }
        // Not a path of ours: answered, but not as it should be.
        let wrong = try CommandRun(["health", address + "/v1"])
        #expect(wrong.status == 1, "\(wrong.error)")
        process.terminate()
        process.waitUntilExit()
        let gone = try CommandRun(["health", address])
        #expect(gone.status == 1 && gone.output.isEmpty && gone.error.contains("no answer"), "\(gone.error)")
    }

    @Test func wrongAddresses() throws {
        for address in ["127.0.0.1:http", "127.0.0.1:0", "127.0.0.1:99999"] {
            let run = try CommandRun(["health", address])
            #expect(run.status == 1 && run.error.contains("is no port"), "\(run.error)")
        }
        for (variable, value) in [("SWIFTLET_HOST", "127.0.0.1:x"), ("SWIFTLET_PORT", "many")] {
            let run = try CommandRun(["health"], environment: [variable: value])
            #expect(
                run.status == 1 && run.error.contains("\(variable): ") && run.error.contains("is no port"),
                "\(run.error)")
        }
        #expect(try CommandRun(["health", "--timeout", "soon"]).status == 2)
    }
}
