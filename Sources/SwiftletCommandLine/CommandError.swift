import SwiftletGround

enum CommandDomain: FailureDomain {}

/// What goes wrong between a command line and the targets that it calls.
typealias CommandError = Failure<CommandDomain>

extension Failure<CommandDomain>.Code {
    /// A line or file of the input is not what the command reads.
    static var input: Self { Self("input") }
    /// A file that the user named cannot be written.
    static var file: Self { Self("file") }
    /// Standard output cannot be written.
    static var output: Self { Self("output") }
    /// A server does not answer, or not as it should.
    static var server: Self { Self("server") }
    /// Options that do not go together, or a value outside its range.
    static var usage: Self { Self("usage") }
}
