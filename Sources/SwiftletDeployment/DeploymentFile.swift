/// One file that deploys: where it goes in the folder, and what it holds.
public struct DeploymentFile: Sendable, Hashable {
    /// A relative path, its parts joined by `/`.
    public let path: String
    public let text: String

    init(_ path: String, _ text: String) { (self.path, self.text) = (path, text) }
}
