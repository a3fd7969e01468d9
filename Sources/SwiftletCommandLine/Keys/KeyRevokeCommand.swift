import ArgumentParser
import SwiftletLibrary
import SwiftletServer

struct KeyRevokeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Make an API key worthless.",
        discussion: """
            A running server refuses it within a second, and ends its running requests. After the last key is revoked \
            a running server refuses everybody; started anew on loopback, it needs no keys.

              $ swiftlet key revoke laptop
              revoked laptop
            """)

    @Argument(help: "The key's name.")
    var name: String

    @OptionGroup var place: KeyFileArgument

    func run() throws {
        let left = try place.keyFile().revoke(name)
        try StandardOutput.write("revoked \(name)\n")
        if left == 0 {
            StandardError.write("No keys are left: the next `swiftlet serve` lets in everybody on this machine.\n")
        }
    }
}
