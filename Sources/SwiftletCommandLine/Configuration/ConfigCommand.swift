import ArgumentParser

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "The settings of `swiftlet serve`: show them, check a file, print a file to begin with.",
        discussion: """
            Each setting can stand in a YAML file (keep-alive: 5m), in the environment (SWIFTLET_KEEP_ALIVE=5m) and on the \
            command line (--keep-alive 5m); the later overrules the earlier. The file is --config's, SWIFTLET_CONFIG's, or \
            config.yaml in the library's folder. A running server reads it anew when it gets SIGHUP.

              $ swiftlet config template > config.yaml
              $ swiftlet config check config.yaml
              $ swiftlet config show --config config.yaml
            """,
        subcommands: [ConfigShowCommand.self, ConfigCheckCommand.self, ConfigTemplateCommand.self])
}
