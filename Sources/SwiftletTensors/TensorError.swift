public import SwiftletGround

public enum TensorDomain: FailureDomain {}

/// What goes wrong with memory, mapped files and shapes that come from outside.
public typealias TensorError = Failure<TensorDomain>

extension Failure<TensorDomain>.Code {
    /// A file cannot be opened, sized or mapped.
    public static var cannotMap: Self { Self("cannot-map") }
    /// A shape that came from outside does not fit its type or its memory.
    public static var shape: Self { Self("shape") }
    /// Memory for a buffer cannot be had.
    public static var outOfMemory: Self { Self("out-of-memory") }
}
