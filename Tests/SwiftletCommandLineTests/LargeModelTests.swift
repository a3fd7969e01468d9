import Foundation
import Testing

/// Models larger than the memory that working on them may take, and long enough work to be seen and stopped under way.
@Suite struct LargeModelTests {
    private let model: LargeModel

    init() throws { model = try LargeModel(layers: 2) }

    #if os(Linux)
    /// `Benchmarks/memory.py` does the same with 20 GB.
    @Test func memoryStaysBounded() throws {
        let bound = 150_000_000
        #expect(model.byteCount > 2 * bound)
        let file = model.folder.path("plain.gguf")
        for arguments in [
            ["convert", model.path, "--output", file],
            ["quantize", model.path, model.folder.path("q4_0.gguf"), "Q4_0"],
            ["convert", model.path, "--output", model.folder.path("q4_k_m.gguf"), "--type", "q4_k_m"],
            ["quantize", file, model.folder.path("q6_k.gguf"), "Q6_K"],
            ["export", file, "--output", model.folder.path("hf"), "--max-shard-size", "100MB"],
            ["dequantize", model.folder.path("q4_0.gguf"), model.folder.path("f16.gguf")],
        ] {
            let peak = try peakMemory(of: arguments)
            #expect(peak > 1_000_000 && peak < bound, "\(peak) bytes for \(arguments[0])")
        }
    }

    /// The most memory that a run holds, mapped files included. (The kernel's own sum for a child begins with its parent's.)
    private func peakMemory(of arguments: [String]) throws -> Int {
        let process = CommandRun.process(arguments)
        let nothing = FileHandle.nullDevice
        (process.standardInput, process.standardOutput, process.standardError) = (nothing, nothing, nothing)
        try process.run()
        let status = "/proc/\(process.processIdentifier)/status"
        var peak = 0
        while process.isRunning {
            let text = (try? String(contentsOfFile: status, encoding: .utf8)) ?? ""
            if let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }) {
                peak = max(peak, line.split(separator: " ").compactMap { Int($0) }.first ?? 0)
            }
            usleep(1000)
        }
        #expect(process.terminationStatus == 0, "\(arguments)")
        return peak * 1024
    }
    #endif

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP]) func interruption(by signal: Int32) throws {
        let file = model.folder.path("plain.gguf")
        #expect(try stopped(["convert", model.path, "--output", file], by: signal) == 130)
        #expect(try names == ["large"])
        #expect(try CommandRun(["convert", model.path, "--output", file]).status == 0)
        #expect(
            try stopped(["export", file, "--output", model.folder.path("hf")], by: signal) == 130)
        #expect(try names == ["large", "plain.gguf"])
    }

    private var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: model.folder.url.path).sorted() }
    }

    /// The status of a run that is stopped once it writes.
    private func stopped(_ arguments: [String], by signal: Int32) throws -> Int32 {
        let process = CommandRun.process(arguments)
        process.standardError = FileHandle.nullDevice
        let before = try names
        try process.run()
        while process.isRunning, try names == before { usleep(1000) }
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        return process.terminationStatus
    }

    @Test func aTerminalShowsABar() throws {
        let file = model.folder.path("plain.gguf")
        for arguments in [
            ["convert", model.path, "--output", file],
            ["export", file, "--output", model.folder.path("hf"), "--without-tokenizer"],
        ] {
            let terminal = try PseudoTerminal(arguments, home: model.folder.url)
            try terminal.wait(for: "% ")
            try terminal.wait(for: "100%")
            try terminal.wait(for: "tensors in ")
            #expect(try terminal.end() == 0)
        }
    }
}
