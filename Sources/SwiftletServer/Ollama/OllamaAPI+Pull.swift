import Hummingbird
import SwiftletGround
import SwiftletLibrary
import Synchronization

extension OllamaAPI {
    /// POST /api/pull: gets a model, telling how far it is.
    static func pull(_ call: Call) async throws -> Response {
        let fields = try await call.fields()
        let (source, alias) = try pullSource(modelName(fields))
        let library = call.core.library
        guard try fields.bool("stream") ?? true else {
            try await library.pull(source, as: alias)
            return .json(["status": "success"])
        }
        return try await call.stream(.lines) { writer in
            writer.send(["status": "pulling manifest"])
            let progress = PullProgress(writer)
            try await library.pull(source, as: alias) { progress.report($0) }
            writer.send(["status": "success"])
        }
    }

    /// What Swiftlet calls the source of a name that Ollama's clients give: its catalogue's, a repository of Hugging Face
    /// (`hf.co/owner/repository:Q4_K_M`), or an address. Requests name no files of this machine and no Python packages.
    private static func pullSource(_ name: String) throws -> (source: String, alias: ModelName?) {
        for host in ["hf.co/", "huggingface.co/"] where name.hasPrefix(host) {
            return ("hf:" + name.dropFirst(host.count), nil)
        }
        guard !ModelSource.looksLikePath(name), !name.lowercased().hasPrefix("pypi:") else {
            throw RequestProblem(
                .other("only names of the catalogue, hf.co/owner/repository and https addresses can be pulled"),
                at: FieldPath("model"))
        }
        return (name, nil)
    }

    /// POST /api/push: there is no registry to push to.
    static func push(_ call: Call) async throws -> Response {
        let name = try modelName(await call.fields())
        _ = try call.core.library.resolve(named: name)
        throw ServerError(
            .unsupported, "cannot be pushed: Swiftlet has no registry of its own", at: "model \"\(name.prefix(80))\"",
            advice: "`swiftlet export` writes its files")
    }
}

/// Tells a pull's events in Ollama's words, progress at most ten times a second for each file.
private final class PullProgress: Sendable {
    private let writer: StreamWriter
    private let last = Mutex<[String: ContinuousClock.Instant]>([:])

    init(_ writer: StreamWriter) { self.writer = writer }

    func report(_ event: PullEvent) {
        switch event {
        case .trying(let source): send("asking \(source)")
        case .sourceFailed(let source, let reason): send("\(source) failed: \(reason)")
        case .waiting(let name): send("waiting for another pull of \(name)")
        case .started(let file, let total, let resumed): progress(file, resumed, total)
        case .progress(let file, let bytes, let total):
            let now = ContinuousClock.now
            let isDue = last.withLock { last in
                if bytes != total, let before = last[file], before.duration(to: now) < .milliseconds(100) {
                    return false
                }
                last[file] = now
                return true
            }
            if isDue { progress(file, bytes, total) }
        case .retrying(let file, let seconds, let reason): send("\(file): \(reason); again in \(seconds) s")
        case .verifying: send("verifying sha256 digest")
        case .upToDate: send("up to date")
        case .finished: send("writing manifest")
        }
    }

    private func send(_ status: String) { writer.send(["status": .string(status)]) }

    private func progress(_ file: String, _ bytes: Int, _ total: Int?) {
        // Clients draw a bar for each digest; the file's is known when it is here.
        var object = JSONObject([("status", .string("pulling \(file)")), ("digest", .string(file))])
        if let total { object["total"] = .integer(Int64(total)) }
        object["completed"] = .integer(Int64(bytes))
        writer.send(.object(object))
    }
}
