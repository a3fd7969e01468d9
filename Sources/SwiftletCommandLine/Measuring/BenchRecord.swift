import Foundation
import SwiftletEngine
import SwiftletEvaluation
import SwiftletGround
import SwiftletModelFiles
import SwiftletModels
import SwiftletQuantizer
import SwiftletTensors

/// A model as results name it.
struct BenchModel: Sendable {
    /// As the command line has it.
    let name: String
    /// Architecture, size, file type: `qwen2 1.54B Q4_K_M`.
    let type: String
    let size: ModelSize

    init(name: String, _ model: LanguageModel) {
        self.name = name
        size = ModelSize(of: model)
        let id = (try? model.file.metadata.integer(ifPresent: "general.file_type", as: UInt32.self)) ?? nil
        let fileType = FileType.allCases.first { $0.id != nil && $0.id == id }?.name ?? Self.mainType(of: model)
        type = "\(model.configuration.architecture) \(size.parameters.asCount) \(fileType)"
    }

    /// The type that most bytes have.
    private static func mainType(of model: LanguageModel) -> String {
        var bytes: [ElementType: Int] = [:]
        for tensor in model.file.tensors { bytes[tensor.type, default: 0] += tensor.byteCount }
        return bytes.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }?.key.name ?? "?"
    }
}

/// One test's result with all that a reader of llama-bench's output looks for, and the roofline.
struct BenchRecord: Sendable {
    let model: BenchModel
    let result: SpeedResult
    let limit: (test: SpeedLimit, machine: MachinePeaks)?

    var test: SpeedTest { result.test }

    /// Fields in llama-bench's order, then ours. What it can choose and this engine cannot has one value.
    var fields: JSONObject {
        var fields: JSONObject = [
            "build_commit": .string(SwiftletCommand.version), "build_number": 0,
            "cpu_info": .string(ProcessorName.text), "gpu_info": "", "backends": "CPU",
            "model_filename": .string(model.name), "model_type": .string(model.type),
            "model_size": .integer(Int64(model.size.bytes)),
            "model_n_params": .integer(Int64(model.size.parameters)),
            "n_batch": .integer(Int64(test.batch)), "n_ubatch": .integer(Int64(test.microBatch)),
            "n_threads": .integer(Int64(test.threads)), "cpu_mask": "0x0", "cpu_strict": false, "poll": 100,
            "type_k": .string(test.cacheType.rawValue), "type_v": .string(test.cacheType.rawValue),
            "n_gpu_layers": 0, "n_cpu_moe": 0, "split_mode": "none", "main_gpu": 0, "no_kv_offload": false,
            "flash_attn": 1, "devices": "none", "tensor_split": "0.00", "tensor_buft_overrides": "none",
            "load_mode": "mmap", "lazy_mode": "off", "embeddings": false, "no_op_offload": 0, "no_host": false,
            "repack": false, "fit_target": 0, "fit_min_ctx": 0, "n_prompt": .integer(Int64(test.prompt)),
            "n_gen": .integer(Int64(test.generation)), "n_depth": .integer(Int64(test.depth)),
            "test_time": .string(result.start.formatted(.iso8601)),
            "avg_ns": .integer(Int64(result.duration.mean)), "stddev_ns": .integer(Int64(result.duration.deviation)),
            "avg_ts": Self.rounded(result.rate.mean), "stddev_ts": Self.rounded(result.rate.deviation),
            "n_parallel": .integer(Int64(test.sequences)),
            "first_token_ns": result.timeToFirstToken.map { .integer(Int64($0)) } ?? .null,
        ]
        if let joules = result.joulesPerToken { fields["energy_per_token_j"] = .number(joules) }
        guard let limit else { return fields }
        fields["instruction_set"] = .string(limit.machine.instructionSet)
        fields["peak_int8_gmacs"] = Self.rounded(limit.machine.integer / 1e9)
        fields["peak_float_gmacs"] = Self.rounded(limit.machine.float / 1e9)
        fields["peak_bf16_gmacs"] = Self.rounded(limit.machine.bfloat / 1e9)
        fields["bandwidth_gbs"] = Self.rounded(limit.machine.bandwidth / 1e9)
        fields["limit"] = .string(limit.test.bound.rawValue)
        fields["limit_ts"] = Self.rounded(limit.test.rate)
        fields["limit_share"] = Self.rounded(limit.test.share(of: result.rate.mean))
        return fields
    }

    /// The fields with each run's time and rate.
    var json: JSONValue {
        var fields = fields
        fields["samples_ns"] = .array(result.nanoseconds.map { .integer(Int64($0)) })
        fields["samples_ts"] = .array(result.rates.map(Self.rounded))
        return .object(fields)
    }

    /// To six digits after the point, as llama-bench writes rates.
    private static func rounded(_ value: Double) -> JSONValue { .number((value * 1e6).rounded() / 1e6) }
}

/// What the system calls its processor.
enum ProcessorName {
    static let text: String = {
        #if canImport(Darwin)
        var size = 0
        guard sysctlbyname("machdep.cpu.brand_string", nil, &size, nil, 0) == 0, size > 1 else { return "unknown" }
        var bytes = [UInt8](repeating: 0, count: size)
        guard sysctlbyname("machdep.cpu.brand_string", &bytes, &size, nil, 0) == 0 else { return "unknown" }
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        #else
        let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
        // x86 has a model name; arm64 mostly only numbers.
        for name in ["model name", "Model", "Hardware", "CPU part"] {
            for line in lines where line.hasPrefix(name) {
                guard let colon = line.firstIndex(of: ":") else { continue }
                return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            }
        }
        return "unknown"
        #endif
    }()
}
