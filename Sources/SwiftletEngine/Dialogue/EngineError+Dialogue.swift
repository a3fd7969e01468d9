public import SwiftletGround

extension Failure<EngineDomain>.Code {
    /// The model has no chat template.
    public static var noTemplate: Self { Self("no-template") }
    /// The model cannot do what is asked.
    public static var unsupported: Self { Self("unsupported") }
    /// No schema can be made of a type.
    public static var schema: Self { Self("schema") }
    /// An answer was cut off before it was whole.
    public static var incomplete: Self { Self("incomplete") }
}
