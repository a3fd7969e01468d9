public import SwiftletGround

public enum DeploymentDomain: FailureDomain {}

/// What cannot be deployed as it was asked, or not written.
public typealias DeploymentError = Failure<DeploymentDomain>

extension Failure<DeploymentDomain>.Code {
    /// The model is neither in the library nor in the catalogue, or nothing says how large it is.
    public static var model: Self { Self("model") }
    /// The machines that are to run the model have nowhere to get it from.
    public static var source: Self { Self("source") }
    /// A name, number or path that a platform does not take.
    public static var option: Self { Self("option") }
    /// Files of other content are in the way.
    public static var exists: Self { Self("exists") }
}
