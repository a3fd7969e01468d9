import Foundation
import SwiftletGround

/// The prompt from the command line and from standard input.
enum PromptInput {
    /// Both, with a blank line between; nil if there is no argument and standard input is a terminal.
    ///
    /// Throws if standard input is not UTF-8, or there is no prompt in it.
    static func read(_ argument: String?) throws -> String? {
        guard isatty(STDIN_FILENO) == 0 else { return argument }
        let notice = DispatchWorkItem {
            StandardError.write("swiftlet: waiting for the end of standard input (</dev/null if there is none)\n")
        }
        DispatchQueue.global().asyncAfter(deadline: .now() + 3, execute: notice)
        defer { notice.cancel() }
        // A closed standard input is an empty one.
        let data = (try? FileHandle.standardInput.readToEnd()) ?? Data()
        guard let input = String(validating: data, as: UTF8.self) else {
            throw CommandError(.input, "is not UTF-8 text", at: "standard input")
        }
        let text = input.hasSuffix("\n") ? String(input.dropLast()) : input
        guard !text.isEmpty else {
            guard let argument else {
                throw CommandError(
                    .input, "there is no prompt: standard input is empty", advice: "Give a prompt as an argument")
            }
            return argument
        }
        return argument.map { "\($0)\n\n\(text)" } ?? text
    }
}
