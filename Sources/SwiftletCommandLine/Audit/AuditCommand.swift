import ArgumentParser
import Foundation
import SwiftletLibrary
import SwiftletServer

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "The audit log of `swiftlet serve --audit FOLDER`: verify it, show its records.",
        discussion: """
            Each request is a line: who, when, which model and file, how much, how it ended; never what was said, unless \
            --audit-prompts keeps texts for a time. Each line holds the hash of the one before it, so that no line can be \
            changed, taken out or cut off without being missed.

              $ swiftlet audit verify /var/lib/swiftlet/audit
              $ swiftlet audit show --since 1h --outcome denied
            """,
        subcommands: [AuditVerifyCommand.self, AuditShowCommand.self])
}

/// Which audit log.
struct AuditArguments: ParsableArguments {
    @Argument(
        help: ArgumentHelp("The log's folder (default: the one that serve would write).", valueName: "folder"),
        completion: .directory)
    var folder: String?

    func auditFolder() throws -> AuditFolder {
        if let folder { return AuditFolder(URL(filePath: folder, directoryHint: .isDirectory)) }
        let configuration = try ServerArguments.parse([]).configuration(home: Library().home).checked()
        guard let audit = configuration.options.audit else {
            throw ValidationError("name the log's folder: no configuration has one")
        }
        return AuditFolder(audit.folder)
    }
}
