public import Foundation

/// What quantizing may use of the machine.
public struct QuantizationResources: Sendable {
    public var threads: Int
    /// Bytes of memory that the whole process should stay below; at least one row at a time is held in any case.
    public var memoryLimit: Int

    public init(threads: Int = ProcessInfo.processInfo.activeProcessorCount, memoryLimit: Int = 400_000_000) {
        precondition(threads > 0, "\(threads) threads")
        (self.threads, self.memoryLimit) = (threads, memoryLimit)
    }
}

/// How far the work is.
public struct QuantizationProgress: Sendable {
    /// The tensor that was last worked on.
    public let tensor: String
    public let elements: Int
    public let totalElements: Int
    /// Bytes written so far, of `totalBytes`.
    public let bytes: Int
    public let totalBytes: Int
}
