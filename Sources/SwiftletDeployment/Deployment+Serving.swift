import SwiftletLibrary

/// What is run on every platform.
extension Deployment {
    /// The library's folder in containers and on machines with systemd.
    static let home = "/var/lib/swiftlet"
    /// The folder that the file of API keys is mounted at, in containers.
    static let keyFolder = "/etc/swiftlet"
    static let keyFile = "\(keyFolder)/keys.json"
    /// The user and group of containers, which no image and no machine gives to anybody.
    static let userID = 10001
    /// Bytes of the prefix cache, in the library's folder.
    static let prefixBytes = 2_000_000_000

    /// `serve` and its options; `host` is the address to listen on, `keys` the file of keys if it is not in the library.
    func serveArguments(host: String, keys: String?) -> [String] {
        let size = size
        var arguments = [
            "serve", "--host", host, "--port", String(port), "--preload", model.name.description,
            "--context", String(context), "--parallel", String(parallel), "--threads", String(cores),
            "--memory", "\(size.modelMebibytes)MiB",
        ]
        // An encoder keeps nothing.
        if size.cacheMebibytes > 0 { arguments += ["--cache-memory", "\(size.cacheMebibytes)MiB"] }
        // The library of such an image cannot be written.
        if supply == .bake {
            arguments += ["--prefix-cache", "\(Self.home)/prefixes", "--history", "\(Self.home)/history.sqlite"]
        }
        arguments += ["--prefix-cache-size", "\(Self.prefixBytes / 1_000_000_000)GB", "--drain", "\(drainSeconds)s"]
        if isInsecure {
            arguments.append("--insecure")
        } else if let keys {
            arguments += ["--keys", keys]
        }
        return arguments
    }

    /// `pull`, which asks nobody once the model is there.
    var pullArguments: [String] {
        let name = model.name.description
        let source = model.source ?? name
        return ["pull", source] + (source == name ? [] : ["--as", name]) + ["--if-missing"]
    }

    /// `health`, for who cannot ask over HTTP.
    var healthArguments: [String] { ["health", "http://127.0.0.1:\(port)"] }

    /// The lines that every file begins with, without the mark of a comment.
    var heading: [String] {
        let size = size
        return [
            "Made by: \(command)",
            "Model: \(model.name), \(model.size.asBytes)\(model.isEstimated ? " (estimated)" : "")"
                + (model.source.map { $0 == model.name.description ? "" : ", from \($0)" } ?? ""),
            "Memory: \(size.summary)",
        ]
    }
}
