import ArgumentParser

struct DeployCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy",
        abstract: "Write the files that put `serve` on other machines: for one model, and the memory that it takes.",
        discussion: """
            The model need not be here: that the catalogue knows it is enough. Memory limits come from its weights, keys \
            and values of --context and --parallel, and working memory. Each file begins with what made it and how it is \
            used.

              $ swiftlet deploy kubernetes --model smollm2:135m
              98.4 MB weights + 402 MB keys and values + 126 MB working = 598 MiB; limit 768 MiB
              deploy/kustomization.yaml
              deploy/serviceaccount.yaml
              …
              $ swiftlet deploy systemd --model qwen2.5-coder:1.5b --context 8192 --stdout
            """,
        subcommands: [
            DeployDockerCommand.self, DeployComposeCommand.self, DeployKubernetesCommand.self,
            DeploySystemdCommand.self,
        ])
}
