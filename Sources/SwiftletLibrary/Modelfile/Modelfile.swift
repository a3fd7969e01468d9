/// A Modelfile: what a model is made of, as Ollama writes it down, command by command.
///
/// Read from ollama/parser/parser.go and docs/modelfile.mdx (fb307609 and later). A command takes the rest of its line; a
/// value in `"` or `"""` may span lines and ends at quotes that end a line.
public struct Modelfile: Sendable, Hashable {
    /// What a command says.
    public enum Instruction: Sendable, Hashable {
        /// A model's name, or a path to its file.
        case from(String)
        case parameter(name: String, value: String)
        case template(String)
        case system(String)
        /// A path to the weights of a LoRA adapter.
        case adapter(String)
        case license(String)
        case message(role: String, content: String)
        /// The version of Ollama that the model needs.
        case requires(String)
        /// Names of prompt code and answer code inside Ollama, and a path to a draft model: kept, not used.
        case renderer(String)
        case parser(String)
        case draft(String)
    }

    /// One command; `line` is where it begins, from 1, and 0 for one that was not read.
    public struct Command: Sendable, Hashable {
        public let instruction: Instruction
        public let line: Int

        public init(_ instruction: Instruction, line: Int = 0) {
            self.instruction = instruction
            self.line = line
        }
    }

    public var commands: [Command]

    public init(commands: [Command]) {
        self.commands = commands
    }

    /// The model's name or path; of several, the last.
    public var from: String? {
        commands.compactMap { if case .from(let name) = $0.instruction { name } else { nil } }.last
    }
}
