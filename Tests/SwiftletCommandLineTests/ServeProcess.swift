import Foundation
import Testing

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// A server's process with the test model as `smol`; killed if it is still there at the end.
final class ServeProcess {
    let process: Process
    let address: String

    /// A library with the model.
    static func home() throws -> TemporaryFolder {
        let home = try TemporaryFolder()
        let pull = try CommandRun(["pull", TestData.model ?? "", "--as", "smol"], home: home.url)
        #expect(pull.status == 0, "\(pull.error)")
        return home
    }

    init(_ home: TemporaryFolder, _ options: String...) throws {
        process = CommandRun.process(["serve", "--port", "0"] + options, home: home.url)
        let output = Pipe()
        (process.standardInput, process.standardOutput) = (FileHandle.nullDevice, output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let words = line.split(separator: " ")
        address = words.count > 3 ? String(words[3]) : ""
        #expect(address.hasPrefix("http://"), "\(line)")
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    static func body(tokens: Int, stream: Bool) -> String {
        """
        {"model": "smol", "prompt": "Tell a long story.", "stream": \(stream), "options": {"num_predict": \(tokens), \
        "temperature": 1, "seed": 1, "logit_bias": {"2": false, "0": false}}}
        """
    }

    /// Asks for so many tokens; tells the answer's status.
    func generate(tokens: Int) async throws -> Int {
        var request = URLRequest(url: try #require(URL(string: address + "/api/generate")))
        request.httpMethod = "POST"
        request.httpBody = Data(Self.body(tokens: tokens, stream: false).utf8)
        let (_, response) = try await URLSession.shared.data(for: request)
        return (response as? HTTPURLResponse)?.statusCode ?? 0
    }
}
