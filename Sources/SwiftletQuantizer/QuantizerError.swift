public import SwiftletGround

public enum QuantizerDomain: FailureDomain {}

/// What goes wrong when a model is quantized.
public typealias QuantizerError = Failure<QuantizerDomain>

extension Failure<QuantizerDomain>.Code {
    /// A file type, element type, rule or metadata value that was asked for is not one.
    public static var option: Self { Self("option") }
    /// The model's metadata or tensors are not what quantizing needs.
    public static var model: Self { Self("model") }
    /// A weight is NaN or infinite, or a number does not fit the type that it should get.
    public static var notFinite: Self { Self("not-finite") }
    /// A tensor is quantized already, and quantizing it again was not allowed.
    public static var requantize: Self { Self("requantize") }
    /// The importance matrix is missing, damaged, or of another model.
    public static var importance: Self { Self("importance") }
    /// Input and output are the same file.
    public static var sameFile: Self { Self("same-file") }
}
