/// What one floor of Swiftlet can go wrong with; it only names the floor in an error's type.
public protocol FailureDomain: Sendable {}

/// An error as a value: a code that a program may act on, and for a person what was wrong, where, and what to do about it.
///
/// Each floor has one alias of it, for instance `ModelFileError`. Codes are open: a floor adds one with an extension.
/// Texts never hold prompt text, keys or other people's data.
public struct Failure<Domain: FailureDomain>: Error, Sendable {
    /// What kind of failure this is, stable across versions.
    public struct Code: Hashable, Sendable {
        public let name: String

        public init(_ name: String) {
            self.name = name
        }
    }

    public let code: Code
    /// What was wrong, as a sentence without its full stop: "the file has 12 tensors but says 14".
    public let problem: String
    /// Where: a file, an offset, a tensor, a field, a line.
    public let place: String?
    /// What to do about it.
    public let advice: String?
    public let cause: (any Error)?

    public init(
        _ code: Code, _ problem: String, at place: String? = nil, advice: String? = nil, cause: (any Error)? = nil
    ) {
        self.code = code
        self.problem = problem
        self.place = place
        self.advice = advice
        self.cause = cause
    }

    /// The same failure with an outer place put before its own: a reader of bytes knows an offset, its caller the file.
    public func within(_ outer: String) -> Self {
        Self(code, problem, at: place.map { "\(outer), \($0)" } ?? outer, advice: advice, cause: cause)
    }
}

extension Failure: CustomStringConvertible {
    public var description: String {
        var text = ""
        if let place { text += place + ": " }
        text += problem
        if let cause { text += " (\(cause))" }
        if let advice { text += ". " + advice }
        return text
    }
}
