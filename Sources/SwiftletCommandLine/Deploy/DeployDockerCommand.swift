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

struct DeployDockerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "docker",
        abstract: "A Dockerfile: a small image with the executable alone, which runs as nobody in particular.")

    @OptionGroup var arguments: DeployArguments
    @OptionGroup var image: ImageArguments

    func run() throws {
        var deployment = try arguments.deployment()
        try image.apply(to: &deployment)
        try arguments.finish(.docker, deployment)
    }
}

struct DeployComposeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compose",
        abstract: "A compose.yaml with what gets the model and what serves it, and the Dockerfile of their image.")

    @OptionGroup var arguments: DeployArguments
    @OptionGroup var image: ImageArguments

    func run() throws {
        var deployment = try arguments.deployment()
        try image.apply(to: &deployment)
        try arguments.finish(.compose, deployment)
    }
}
