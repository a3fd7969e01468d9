public enum JSONDomain: FailureDomain {}

/// What is wrong with a JSON text; the place is "line 3, column 14" (columns count Unicode scalars, from 1).
public typealias JSONError = Failure<JSONDomain>

extension Failure<JSONDomain>.Code {
    /// The text does not follow RFC 8259.
    public static var syntax: Self { Self("json-syntax") }
    /// The text is not UTF-8, or an escape is half of a surrogate pair.
    public static var encoding: Self { Self("json-encoding") }
    /// Arrays and objects are nested deeper than the reader allows.
    public static var depth: Self { Self("json-depth") }
    /// There are more values than the reader allows.
    public static var size: Self { Self("json-size") }
    /// A number does not fit a finite `Double`.
    public static var numberRange: Self { Self("json-number-range") }
}
