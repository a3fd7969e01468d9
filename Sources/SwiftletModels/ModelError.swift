public import SwiftletGround

public enum ModelDomain: FailureDomain {}

/// What goes wrong between a model file and a model that can run.
public typealias ModelError = Failure<ModelDomain>

extension Failure<ModelDomain> {
    /// What to do about a file that contradicts itself.
    static var damagedAdvice: String { "The file is damaged or was converted wrongly" }
    /// What to do about a file that lacks something.
    static var incompleteAdvice: String { "The file is incomplete: convert the model again" }
}

extension Failure<ModelDomain>.Code {
    /// The file's architecture is none that Swiftlet runs.
    public static var unknownArchitecture: Self { Self("unknown-architecture") }
    /// A setting of the model is missing, of the wrong type, or impossible.
    public static var configuration: Self { Self("configuration") }
    /// A weight is missing.
    public static var missingTensor: Self { Self("missing-tensor") }
    /// A weight has another shape or type than the configuration asks for.
    public static var tensorShape: Self { Self("tensor-shape") }
    /// The file cannot be used as asked: no vocabulary, no chat template, a cache type that does not fit.
    public static var unsupported: Self { Self("unsupported") }
}
