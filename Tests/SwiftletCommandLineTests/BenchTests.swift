import Foundation
import Testing

/// `swiftlet bench` as one who knows llama-bench uses it.
@Suite(.enabled(if: TestData.hasModel), .serialized) struct BenchTests {
    private let model = TestData.model ?? ""
    private let quick = ["-p", "8", "-n", "2", "-r", "2", "--no-roofline"]

    private func bench(_ arguments: String...) throws -> CommandRun { try CommandRun(["bench"] + arguments) }

    private func results(_ text: String) throws -> [[String: Any]] {
        try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
    }

    @Test func fieldsAreLlamaBenchs() throws {
        let run = try CommandRun(["bench", "-m", model, "-o", "json", "-t", "1,2"] + quick)
        #expect(run.status == 0, "\(run.error)")
        let results = try results(run.text)
        #expect(results.map { $0["n_prompt"] as? Int } == [8, 0, 8, 0])
        #expect(results.map { $0["n_gen"] as? Int } == [0, 2, 0, 2])
        #expect(results.map { $0["n_threads"] as? Int } == [1, 1, 2, 2])
        let first = try #require(results.first)
        // All that llama.cpp's compare-llama-bench.py reads.
        let fields = [
            "build_commit", "build_number", "cpu_info", "gpu_info", "backends", "model_filename", "model_type",
            "model_size", "model_n_params", "n_batch", "n_ubatch", "n_threads", "cpu_mask", "cpu_strict", "poll",
            "type_k", "type_v", "n_gpu_layers", "split_mode", "main_gpu", "no_kv_offload", "flash_attn", "tensor_split",
            "tensor_buft_overrides", "load_mode", "embeddings", "no_op_offload", "n_prompt", "n_gen", "n_depth",
            "test_time", "avg_ns", "stddev_ns", "avg_ts", "stddev_ts", "n_cpu_moe", "fit_target", "fit_min_ctx",
            "samples_ns", "samples_ts",
        ]
        #expect(fields.filter { first[$0] == nil } == [])
        #expect(first["model_filename"] as? String == model)
        #expect(first["model_type"] as? String == "llama 135M Q4_1")
        #expect(first["model_n_params"] as? Int == 134_515_008)
        let times = try #require(first["samples_ns"] as? [Int]), rates = try #require(first["samples_ts"] as? [Double])
        #expect(times.count == 2 && rates.count == 2)
        #expect(abs(rates[0] - 8e9 / Double(times[0])) < 1e-3)
        #expect(abs((first["avg_ts"] as? Double ?? 0) - rates.reduce(0, +) / 2) < 1e-3)
        #expect(first["first_token_ns"] is Int && results[1]["first_token_ns"] is NSNull)
        #expect(first["limit"] == nil)
    }

    @Test func sharesOfTheLimits() throws {
        let run = try bench(
            "-m", model, "-p", "64", "-n", "4", "-r", "1", "-o", "jsonl", "-oe", "md", "-t", "1")
        #expect(run.status == 0, "\(run.error)")
        let lines = try run.lines.map {
            try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(lines.map { $0["limit"] as? String } == ["int8", "memory"])
        for line in lines {
            let (rate, limit) = (line["avg_ts"] as? Double ?? 0, line["limit_ts"] as? Double ?? 0)
            #expect(abs((line["limit_share"] as? Double ?? 0) - rate / limit) < 1e-3)
            #expect((line["bandwidth_gbs"] as? Double ?? 0) > 0.1)
        }
        #expect(run.error.hasPrefix("| model ") && run.error.contains("limits of 1 thread, "))
        #expect(run.error.contains(" % int8 |") && run.error.contains(" % memory |"))
    }

    @Test func tableAndCSV() throws {
        let table = try bench("-m", model, "-p", "0", "-n", "2", "-pg", "4,2", "-d", "0,5", "-r", "1", "--no-roofline")
        #expect(table.status == 0, "\(table.error)")
        let rows = table.lines.filter { $0.hasPrefix("|") }
        #expect(Set(rows.map(\.count)).count == 1)
        #expect(rows.count == 2 + 4)
        for (row, test) in zip(rows.dropFirst(2), ["tg2", "pp4+tg2", "tg2 @ d5", "pp4+tg2 @ d5"]) {
            #expect(row.contains(" \(test) |"))
        }
        let csv = try bench("-m", model, "-p", "4", "-n", "0", "-r", "1", "--no-roofline", "-o", "csv")
        #expect(csv.lines.count == 2)
        let names = csv.lines[0].split(separator: ","), values = csv.lines[1].components(separatedBy: "\",\"")
        #expect(names.count == values.count)
        #expect(names.first == "build_commit" && csv.lines[1].hasPrefix("\""))
    }

    @Test func severalSequencesAndCaches() throws {
        let run = try bench(
            "-m", model, "-p", "0", "-n", "3", "-np", "1,4", "-ctk", "f16,q8_0", "-r", "1", "--no-roofline", "-o",
            "json")
        let results = try results(run.text)
        #expect(results.map { $0["n_parallel"] as? Int } == [1, 4, 1, 4])
        #expect(results.map { $0["type_v"] as? String } == ["f16", "f16", "q8_0", "q8_0"])
    }

    @Test func optionsOfOtherBackendsAreTold() throws {
        let run = try CommandRun(["bench", "-m", model, "-ngl", "99", "-fa", "1", "-mmp", "0"] + quick)
        #expect(run.status == 0)
        #expect(run.error.contains("-ngl") && run.error.contains("-fa") && run.error.contains("-mmp"))
    }

    @Test func wrongUsage() throws {
        for (arguments, problem) in [
            ([], "name a model"), (["-m", model, "-p", "x"], "no list of numbers"),
            (["-m", model, "-p", "1-4*1"], "never ends"),
            (["-m", model, "-p", "0", "-n", "0"], "nothing to measure"), (["-m", model, "-t", "0"], "--threads 0"),
            (["-m", model, "-ctk", "q4_0"], "no type of cache"),
            (["-m", model, "-ctk", "f16", "-ctv", "q8_0"], "one type"),
            (["-m", model, "-pg", "5"], "pair"), (["-m", model, "-r", "0"], "--repetitions"),
            (["-m", model, "-o", "xml"], "xml"),
        ] {
            let run = try CommandRun(["bench"] + arguments)
            #expect(run.status == 2 && run.error.contains(problem), "\(arguments): \(run.error)")
        }
    }

    @Test func impossibleTestsAreErrorsBeforeAnyRuns() throws {
        let run = try CommandRun(["bench", "-m", model, "-d", "0,100000"] + quick)
        #expect(run.status == 1 && run.text.isEmpty && run.error.contains("100008 tokens"), "\(run.error)")
        let missing = try CommandRun(["bench", "-m", model, "-m", "/nonexistent.gguf"] + quick)
        #expect(missing.status == 1 && missing.text.isEmpty)
    }

    /// Ctrl-C leaves JSON that can be read.
    @Test func interruptClosesTheList() throws {
        let process = CommandRun.process(
            ["bench", "-m", model, "-p", "4", "-n", "0", "-d", "0,1-4000", "-r", "5", "--no-roofline", "-o", "json"])
        let (output, errors) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (output, errors)
        try process.run()
        // Once there is a result.
        var bytes = Data()
        while bytes.count < 100 { bytes += output.fileHandleForReading.availableData }
        process.interrupt()
        bytes += output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
        #expect(try results(String(decoding: bytes, as: UTF8.self)).count >= 1)
    }
}
