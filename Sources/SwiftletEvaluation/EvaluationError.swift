public import SwiftletGround

public enum EvaluationDomain: FailureDomain {}

/// What goes wrong when models are measured.
public typealias EvaluationError = Failure<EvaluationDomain>

extension Failure<EvaluationDomain>.Code {
    /// The text is empty or too short.
    public static var text: Self { Self("text") }
    /// The context or another number of the measurement is outside its range.
    public static var invalidParameter: Self { Self("invalid-parameter") }
    /// Models that are compared do not share a vocabulary.
    public static var vocabulary: Self { Self("vocabulary") }
    /// The model's results are NaN or infinite.
    public static var nonFinite: Self { Self("non-finite") }
    /// Importance matrices do not fit each other, the model or the text.
    public static var importance: Self { Self("importance") }
}
