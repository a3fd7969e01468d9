public import SwiftletGround

public enum ServerDomain: FailureDomain {}

/// What a server refuses, in its own words; `RequestFailure` gives each its HTTP status.
public typealias ServerError = Failure<ServerDomain>

extension Failure<ServerDomain>.Code {
    /// A field of a request is missing, of the wrong type, or has a value that makes no sense; the place names it.
    public static var invalid: Self { Self("invalid-request") }
    /// What is asked for is known but not offered.
    public static var unsupported: Self { Self("unsupported") }
    /// There is no such path.
    public static var notFound: Self { Self("not-found") }
    /// There is no such model.
    public static var noModel: Self { Self("no-such-model") }
    /// The path is there, for other methods.
    public static var method: Self { Self("method-not-allowed") }
    /// The caller may not do that.
    public static var forbidden: Self { Self("forbidden") }
    /// The file of API keys, or a key of it, is not as it must be.
    public static var keys: Self { Self("keys") }
    /// The audit log cannot be written or read.
    public static var audit: Self { Self("audit") }
    /// All memory is in use; it may be free soon.
    public static var busy: Self { Self("busy") }
    /// The server ends, and takes no more requests.
    public static var stopping: Self { Self("stopping") }
    /// The model does not fit this machine.
    public static var memory: Self { Self("memory") }
    /// The server cannot start as it was told to.
    public static var configuration: Self { Self("configuration") }
}
