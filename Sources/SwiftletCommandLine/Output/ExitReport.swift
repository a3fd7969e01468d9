import ArgumentParser
import Foundation

/// How a command ends: the one place where errors become text and status.
struct ExitReport {
    let text: String
    let status: Int32

    /// Status 2 for wrong usage, 130 for an interrupt, 0 for help and the like, else 1.
    init(_ error: any Error) {
        if error is CancellationError {
            (text, status) = ("", 130)
            return
        }
        let code = SwiftletCommand.exitCode(for: error)
        switch code {
        case .success: (text, status) = (SwiftletCommand.fullMessage(for: error), 0)
        case .validationFailure:
            // ArgumentParser begins with "Error: " and adds usage and a pointer to the help.
            let message = SwiftletCommand.fullMessage(for: error)
            let prefix = "Error: "
            text = "swiftlet: error: " + (message.hasPrefix(prefix) ? String(message.dropFirst(prefix.count)) : message)
            status = 2
        default:
            // A bare ExitCode has been explained by whoever threw it.
            text = error is ExitCode ? "" : "swiftlet: error: \(SwiftletCommand.message(for: error))"
            status = code.rawValue
        }
    }

    func exit() -> Never {
        if !text.isEmpty {
            let line = Data((text.hasSuffix("\n") ? text : text + "\n").utf8)
            try? (status == 0 ? FileHandle.standardOutput : .standardError).write(contentsOf: line)
        }
        Foundation.exit(status)
    }
}
