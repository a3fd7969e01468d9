import ArgumentParser
import Foundation

/// The command `swiftlet`: one line a subcommand, each in a file of its own.
@main
struct SwiftletCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "swiftlet",
        abstract: "Small language models on ordinary CPUs: get or convert, quantize, measure, run, serve.",
        discussion: """
            MODEL is a name of the library (smollm2:135m) or a path to a .gguf file.

              $ swiftlet pull smollm2:135m
              $ swiftlet run smollm2:135m "What is the capital of France?"
              $ swiftlet run smollm2:135m
              $ swiftlet serve
              $ swiftlet convert checkpoint-folder --output model-f16.gguf
              $ swiftlet quantize model-f16.gguf Q4_K_M

            Exit status: 0 success, 1 failure, 2 wrong usage, 130 interrupted.
            """,
        version: version,
        subcommands: [
            RunCommand.self,
            ServeCommand.self,
            ConfigCommand.self,
            KeyCommand.self,
            StatsCommand.self,
            TopCommand.self,
            HealthCommand.self,
            DeployCommand.self,
            AuditCommand.self,
            PullCommand.self,
            ListCommand.self,
            ShowCommand.self,
            CopyCommand.self,
            RemoveCommand.self,
            ConvertCommand.self,
            MergeAdapterCommand.self,
            ExportCommand.self,
            EmbedCommand.self,
            InspectCommand.self,
            QuantizeCommand.self,
            DequantizeCommand.self,
            TokenizeCommand.self,
            DetokenizeCommand.self,
            RenderCommand.self,
            LogitsCommand.self,
            PerplexityCommand.self,
            CompareCommand.self,
            BenchCommand.self,
            ImatrixCommand.self,
            CompletionsCommand.self,
            VersionCommand.self,
        ]
    )

    static let version = "0.1.0"

    static func main() async {
        // A file-size limit (ulimit -f) then fails the write, which is reported, instead of ending the process.
        signal(SIGXFSZ, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            ExitReport(error).exit()
        }
    }
}
