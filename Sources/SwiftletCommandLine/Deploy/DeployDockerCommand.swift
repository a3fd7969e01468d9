import ArgumentParser
import SwiftletDeployment
import SwiftletGround

/// What all platforms of containers ask.
struct ImageArguments: ParsableArguments {
    @Option(help: ArgumentHelp("The image's name.", valueName: "image"))
    var image = "swiftlet:\(SwiftletCommand.version)"

    @Flag(help: "Put the model into the image, which then needs neither network nor volume.")
    var bake = false

    func apply(to deployment: inout Deployment) throws {
        deployment.image = image
        guard bake else { return }
        guard deployment.supply != .byHand else {
            throw CommandError(.usage, "--bake pulls the model, which --no-pull forbids")
        }
        deployment.supply = .bake
    }
}

/// Files for an image and nothing around it that would have options of its own.
protocol ImageCommand: ParsableCommand {
    static var platform: Platform { get }
    var arguments: DeployArguments { get }
    var image: ImageArguments { get }
}

extension ImageCommand {
    func run() throws {
        var deployment = try arguments.deployment()
        try image.apply(to: &deployment)
        try arguments.finish(Self.platform, deployment)
    }
}

struct DeployDockerCommand: ImageCommand {
    static let configuration = CommandConfiguration(
        commandName: "docker",
        abstract: "A Dockerfile: a small image with the executable alone, which runs as nobody in particular.")
    static let platform = Platform.docker

    @OptionGroup var arguments: DeployArguments
    @OptionGroup var image: ImageArguments
}

struct DeployComposeCommand: ImageCommand {
    static let configuration = CommandConfiguration(
        commandName: "compose",
        abstract: "A compose.yaml with what gets the model and what serves it, and the Dockerfile of their image.")
    static let platform = Platform.compose

    @OptionGroup var arguments: DeployArguments
    @OptionGroup var image: ImageArguments
}
