import ArgumentParser

struct CompletionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions",
        abstract: "Print a completion script for a shell.",
        discussion: """
              $ swiftlet completions bash > ~/.local/share/bash-completion/completions/swiftlet
              $ swiftlet completions zsh > ~/.zsh/completions/_swiftlet
              $ swiftlet completions fish > ~/.config/fish/completions/swiftlet.fish
            """)

    enum Shell: String, ExpressibleByArgument, CaseIterable { case bash, zsh, fish }

    @Argument(help: "The shell: bash, zsh or fish.")
    var shell: Shell

    func run() {
        let kind: CompletionShell =
            switch shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        print(SwiftletCommand.completionScript(for: kind))
    }
}
