import Foundation
import Testing

/// `swiftlet serve` as a process: where it listens, and how it ends.
struct ServeTests {
    @Test(arguments: ["127.0.0.1:0", "[::1]:0", "localhost:0"])
    func listensUntilItIsTold(_ address: String) throws {
        let process = CommandRun.process(["serve", "--host", address])
        let output = Pipe()
        (process.standardInput, process.standardOutput) = (FileHandle.nullDevice, output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        #expect(line.hasPrefix("Swiftlet listens on http://"), "\(line)")
        #expect(!line.contains(":0 "), "a free port is told: \(line)")
        process.terminate()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0 && process.terminationReason == .exit)
    }

    @Test func wrongAddresses() throws {
        let port = try CommandRun(["serve", "--host", "127.0.0.1:http"])
        #expect(port.status == 2 && port.error.contains("--host must be an integer from 0 to 65535"), "\(port.error)")
        let host = try CommandRun(["serve", "--host", "no-such-host.invalid", "--port", "0", "--insecure"])
        #expect(host.status == 1 && host.error.contains("no-such-host.invalid"), "\(host.error)")
        #expect(try CommandRun(["serve", "--port", "70000"]).status == 2)
    }
}
