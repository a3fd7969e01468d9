import SwiftletLibrary

/// What a deployment needs of a machine: the memory plan of `swiftlet serve`, with room around it.
public struct DeploymentSize: Sendable, Hashable {
    /// Bytes of the model's file, mapped and read in each step.
    public let weightBytes: Int
    /// Bytes for keys and values: a few contexts, shared by the requests.
    public let cacheBytes: Int
    /// Weights, cache and working memory, in mebibytes: what the server may give to the model.
    public let modelMebibytes: Int
    /// Mebibytes that must be there for it.
    public let requestMebibytes: Int
    /// Mebibytes that it never needs more of.
    public let limitMebibytes: Int
    /// Gibibytes for the library: the model, a second one on its way, and the prefix cache.
    public let diskGibibytes: Int

    init(_ model: DeployedModel, context: Int, parallel: Int) {
        weightBytes = model.size
        let tokens = MemoryPlan.servedTokens(context: context, parallel: parallel)
        let cache =
            MemoryPlan(
                weightBytes: 0, cacheNumbersPerToken: model.cacheNumbersPerToken, context: tokens, availableBytes: 0
            ).neededBytes - MemoryPlan.workingBytes
        // Rounded up, since the server is told it in mebibytes.
        cacheBytes = Self.mebibytes(cache) << 20
        // A size that is a guess may be a bit too small.
        let weights = model.isEstimated ? model.size + model.size / 8 : model.size
        modelMebibytes = Self.mebibytes(weights) + cacheBytes >> 20 + MemoryPlan.workingBytes >> 20
        requestMebibytes = Self.rounded(modelMebibytes, to: 64)
        // Around the model: the server's own, bodies of requests, pages of files on their way to the disk.
        limitMebibytes = Self.rounded(requestMebibytes + max(128, requestMebibytes / 8), to: 64)
        diskGibibytes = (weights * 2 + Deployment.prefixBytes) >> 30 + 2
    }

    /// In words, for a person.
    public var summary: String {
        "\(weightBytes.asBytes) weights + \(cacheBytes.asBytes) keys and values + "
            + "\(MemoryPlan.workingBytes.asBytes) working = \(modelMebibytes) MiB; limit \(limitMebibytes) MiB"
    }

    var cacheMebibytes: Int { cacheBytes >> 20 }

    private static func mebibytes(_ bytes: Int) -> Int { (max(0, bytes) + (1 << 20) - 1) >> 20 }
    private static func rounded(_ value: Int, to unit: Int) -> Int { (value + unit - 1) / unit * unit }
}
