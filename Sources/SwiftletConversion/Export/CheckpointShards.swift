import SwiftletGround

/// Which tensors of a checkpoint share a file, in their order: as many as fit, as huggingface_hub divides them
/// (`split_state_dict_into_shards_factory`). A tensor is never cut; one that is larger has a file of its own.
struct CheckpointShards {
    /// The tensors of each file.
    let ranges: [Range<Int>]
    /// Bytes of all tensors.
    let byteCount: Int

    init(_ sizes: [Int], limit: Int) {
        precondition(limit > 0, "files of \(limit) bytes")
        var ranges: [Range<Int>] = []
        var (start, bytes) = (0, 0)
        for (index, size) in sizes.enumerated() {
            if index > start, size > limit - bytes {
                ranges.append(start..<index)
                (start, bytes) = (index, 0)
            }
            bytes += size
        }
        self.ranges = ranges + [start..<sizes.count]
        byteCount = sizes.reduce(0, +)
    }

    /// `model.safetensors`, or `model-00001-of-00003.safetensors` and so on.
    var names: [String] {
        guard ranges.count > 1 else { return ["model.safetensors"] }
        return (1...ranges.count).map { "model-\(Self.padded($0))-of-\(Self.padded(ranges.count)).safetensors" }
    }

    /// The index: the file of each tensor, by the tensors' names.
    func index(_ tensors: [String]) -> [UInt8] {
        var places: [(tensor: ByteString, file: String)] = []
        for (name, range) in zip(names, ranges) { places += tensors[range].map { (ByteString($0), name) } }
        places.sort { $0.tensor < $1.tensor }
        let index: JSONObject = [
            "metadata": .object(["total_size": .integer(Int64(byteCount))]),
            "weight_map": .object(JSONObject(places.map { ($0.tensor.string, .string($0.file)) })),
        ]
        return Array((JSONValue.object(index).text(.pretty) + "\n").utf8)
    }

    private static func padded(_ number: Int) -> String {
        String(repeating: "0", count: max(0, 5 - "\(number)".count)) + "\(number)"
    }
}
