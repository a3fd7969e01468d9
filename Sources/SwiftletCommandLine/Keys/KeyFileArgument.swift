import ArgumentParser
import Foundation
import SwiftletLibrary
import SwiftletServer

/// Which file of keys `swiftlet key` works on.
struct KeyFileArgument: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The file of keys, for a server elsewhere (default: keys.json in the library's folder).", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var file: String?

    func keyFile() throws -> KeyFile {
        if let file { return KeyFile(URL(filePath: file)) }
        return KeyFile(home: try Library().home)
    }
}
