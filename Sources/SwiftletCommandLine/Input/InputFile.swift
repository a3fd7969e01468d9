import Foundation
import SwiftletGround

/// Files that the user names, `-` for standard input.
enum InputFile {
    static func bytes(_ path: String) throws -> Data {
        if path == "-" { return (try? FileHandle.standardInput.readToEnd()) ?? Data() }
        var isFolder: ObjCBool = false
        let missing = !FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        guard !isFolder.boolValue else { throw CommandError(.input, "is a folder, not a file", at: path) }
        do {
            return try Data(contentsOf: URL(filePath: path))
        } catch {
            throw CommandError(
                .input, missing ? "there is no such file" : "cannot be read", at: path, cause: missing ? nil : error)
        }
    }

    static func text(_ path: String) throws -> String {
        guard let text = String(validating: try bytes(path), as: UTF8.self) else {
            throw CommandError(.input, "is not UTF-8 text", at: path == "-" ? "standard input" : path)
        }
        return text
    }

    static func json(_ path: String) throws -> JSONValue {
        do {
            return try JSONValue(parsing: try bytes(path))
        } catch let error as JSONError {
            throw error.within(path == "-" ? "standard input" : path)
        }
    }
}
