import ArgumentParser
import SwiftletDeployment

/// What all platforms of containers ask.
struct ImageArguments: ParsableArguments {
    @Option(help: ArgumentHelp("The image's name.", valueName: "image"))
    var image = "swiftlet:\(SwiftletCommand.version)"

    func apply(to deployment: inout Deployment) {
        deployment.image = image
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
        image.apply(to: &deployment)
        try arguments.finish(.docker, deployment)
    }
}
