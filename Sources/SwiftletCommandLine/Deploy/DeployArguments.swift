import ArgumentParser
import Foundation
import SwiftletDeployment
import SwiftletGround
import SwiftletLibrary
import SwiftletTensors

/// What all platforms ask: the model, its share of a machine, and where the files go.
struct DeployArguments: ParsableArguments {
    @Option(help: ArgumentHelp("A model of the library or of the catalogue.", valueName: "model"))
    var model: String

    @Option(
        help: ArgumentHelp(
            "Where the machines pull it from (default: where it came from): hf:…, https://…, pypi:….",
            valueName: "source"))
    var source: String?

    @Flag(help: "Pull nothing: the model is brought by hand.")
    var noPull = false

    @Option(help: ArgumentHelp("Name of the service.", valueName: "name"))
    var name = "swiftlet"

    @Option(help: ArgumentHelp("Longest context of a request, in tokens.", valueName: "n"))
    var context = MemoryPlan.usualContext

    @Option(help: ArgumentHelp("Most requests that are worked on at once.", valueName: "n"))
    var parallel = 16

    @Option(help: ArgumentHelp("Processors for the server (default: as many as this machine has).", valueName: "n"))
    var cores: Int?

    @Option(help: ArgumentHelp("Port that the server listens on.", valueName: "n"))
    var port = 11434

    @Option(help: ArgumentHelp("How long running requests may go on when the server stops.", valueName: "time"))
    var drain = TimeSpan(.seconds(30))

    @Flag(help: "Let everybody in who reaches it, without API keys.")
    var insecure = false

    @Option(
        name: [.short, .long], help: ArgumentHelp("The folder to write to.", valueName: "dir"), completion: .directory)
    var output = "deploy"

    @Flag(help: "Replace files of other content.")
    var force = false

    @Flag(help: "Print the files instead of writing them.")
    var stdout = false

    @Flag(help: "Print JSON: what it takes of a machine, and the files.")
    var json = false

    /// What was asked for; platforms add to it. Throws for a model that is not known.
    func deployment() throws -> Deployment {
        var deployment = Deployment(
            try DeployedModel(model, source: source, library: Library()), context: context,
            cores: cores ?? Processors.current.usable)
        deployment.name = name
        deployment.parallel = parallel
        deployment.port = port
        deployment.drainSeconds = Int(drain.duration / .seconds(1))
        deployment.isInsecure = insecure
        if noPull { deployment.supply = .byHand }
        deployment.command = Self.commandLine
        return deployment
    }

    /// Writes or prints what a platform makes of a deployment.
    func finish(_ platform: Platform, _ deployment: Deployment) throws {
        let files = try platform.files(for: deployment)
        let folder = URL(filePath: output, directoryHint: .isDirectory)
        if !stdout { try DeploymentFolder(folder).write(files, overwriting: force) }
        if json {
            try StandardOutput.write(report(platform, deployment, files).text(.pretty) + "\n")
        } else if stdout {
            try StandardOutput.write(Self.joined(files))
        } else {
            let paths = files.map { folder.appending(path: $0.path).relativePath + "\n" }
            try StandardOutput.write(deployment.size.summary + "\n" + paths.joined())
        }
    }

    private func report(_ platform: Platform, _ deployment: Deployment, _ files: [DeploymentFile]) -> JSONValue {
        func number(_ value: Int) -> JSONValue { .integer(Int64(value)) }
        let (size, model) = (deployment.size, deployment.model)
        let memory: JSONValue = [
            "weightBytes": number(size.weightBytes), "cacheBytes": number(size.cacheBytes),
            "modelMebibytes": number(size.modelMebibytes), "requestMebibytes": number(size.requestMebibytes),
            "limitMebibytes": number(size.limitMebibytes), "diskGibibytes": number(size.diskGibibytes),
        ]
        let texts = files.map { file -> JSONValue in
            stdout ? ["path": .string(file.path), "text": .string(file.text)] : ["path": .string(file.path)]
        }
        return [
            "platform": .string(platform.rawValue), "model": .string(model.name.description),
            "source": model.source.map(JSONValue.string) ?? .null, "estimated": .bool(model.isEstimated),
            "context": number(deployment.context), "parallel": number(deployment.parallel),
            "cores": number(deployment.cores), "memory": memory, "files": .array(texts),
        ]
    }

    /// Files one after the other; of YAML, a stream of documents.
    private static func joined(_ files: [DeploymentFile]) -> String {
        guard files.count > 1 else { return files.first?.text ?? "" }
        return files.map { file in
            let mark = file.path.hasSuffix(".yaml") ? "---\n" : ""
            return "\(mark)# ==> \(file.path) <==\n\(file.text)"
        }.joined()
    }

    /// What was typed, for the files' first lines.
    private static var commandLine: String {
        (["swiftlet"] + ProcessInfo.processInfo.arguments.dropFirst()).joined(separator: " ")
    }
}
