public import SwiftletGround

public enum ConversionDomain: FailureDomain {}

/// What goes wrong between a checkpoint and a GGUF file, in either direction.
public typealias ConversionError = Failure<ConversionDomain>

extension Failure<ConversionDomain>.Code {
    /// The checkpoint's architecture, tokenizer or quantization is none that Swiftlet converts.
    public static var unsupported: Self { Self("unsupported") }
    /// A file, a setting or a weight that is needed is not there.
    public static var missing: Self { Self("missing") }
    /// A file, a setting or a weight contradicts the others, or is impossible.
    public static var malformed: Self { Self("malformed") }
    /// A file of the checkpoint cannot be read; the cause says why.
    public static var cannotRead: Self { Self("cannot-read") }
    /// A weight is not a number, infinite, or does not fit the asked type; its place is the tensor and row.
    public static var value: Self { Self("value") }
}

extension Failure<ConversionDomain> {
    /// A failure of a file underneath, with its own text and place.
    init(_ error: Failure<some FailureDomain>, _ code: Code = .cannotRead) {
        self.init(code, error.problem, at: error.place, advice: error.advice, cause: error.cause)
    }
}
