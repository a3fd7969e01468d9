import Foundation
import SwiftletGround

extension Library {
    /// Gets a model and puts it under a name: `what` is a catalogue's name or a source (see `ModelSource`).
    ///
    /// The sources of a catalogue entry are tried in order. Everything is checked before the name appears; an earlier
    /// model of that name stays until then. Throws `LibraryError`, or `CancellationError` with the bytes so far kept.
    @discardableResult
    public func pull(
        _ what: String, as alias: ModelName? = nil, report: @escaping @Sendable (PullEvent) -> Void = { _ in }
    ) async throws -> Manifest {
        let plan = try plan(what, as: alias)
        try prepare()
        guard let name = plan.name else { return try await pull(plan, nil, report) }
        // One pull of a name at a time: the second finds what the first has brought.
        let asked = Date()
        let file = partial.appending(path: "name-\(Self.fileName(of: name)).lock", directoryHint: .notDirectory)
        let held = try await FileLock.lock(file) { report(.waiting(for: name.description)) }
        defer { withExtendedLifetime(held) {} }
        if let manifest = try? manifest(ifPresent: name), (try? location(of: manifest)) != nil,
            plan.isSatisfied(by: manifest, since: asked)
        {
            report(.upToDate(name: manifest.name))
            return manifest
        }
        return try await pull(plan, name, report)
    }

    private func pull(
        _ plan: PullPlan, _ name: ModelName?, _ report: @escaping @Sendable (PullEvent) -> Void
    ) async throws -> Manifest {
        try await WebClient.with(environment) { client in
            let fetcher = Fetcher(library: self, client: client, report: report)
            var failures: [LibraryError] = []
            for order in plan.orders {
                do {
                    // A concurrent `rm` may take a blob between its arrival and its name: then it is fetched again.
                    for _ in 0..<3 {
                        let fetched = try await fetcher.fetch(order)
                        if let manifest = try commit(fetched, order, name) {
                            report(.finished(name: manifest.name, bytes: manifest.size))
                            return manifest
                        }
                    }
                    throw LibraryError(.missingBlob, "was removed while it was pulled", at: plan.title)
                } catch let error as LibraryError {
                    // What ails this machine's disk ails every source.
                    if error.code == .diskFull || error.code == .storage { throw error }
                    failures.append(error)
                    if plan.orders.count > 1 {
                        report(.sourceFailed(source: order.source.description, reason: error.description))
                    }
                }
            }
            guard failures.count > 1, let last = failures.last else {
                throw failures.first ?? LibraryError(.catalogue, "has no source", at: plan.title)
            }
            let reasons = zip(plan.orders, failures).map { "\($0.source.scheme): \($1.problem)" }
            throw LibraryError(
                last.code, "no source works: \(reasons.joined(separator: "; "))", at: plan.title, advice: last.advice)
        }
    }

    /// Names what was fetched; nil if one of its blobs is gone.
    private func commit(_ fetched: Fetched, _ order: Order, _ wanted: ModelName?) throws(LibraryError) -> Manifest? {
        let files = fetched.files.map {
            Manifest.File(
                role: .init(fileName: $0.name, contentsOf: blob($0.sha256)), name: $0.name, size: $0.size,
                sha256: $0.sha256)
        }
        guard let facts = try facts(of: files) else { return nil }
        let name = wanted ?? fetched.source.suggestedName(quantization: facts.value?.quantization)
        let manifest = Manifest(
            name: name.tagged().description, source: fetched.source.description, pulled: Date(),
            license: order.license ?? fetched.license, files: files, facts: facts.value)
        let held = try FileLock.lockBriefly(lock)
        defer { withExtendedLifetime(held) {} }
        guard files.allSatisfy({ Files.size(blob($0.sha256)) == $0.size }) else { return nil }
        if files.count > 1 { _ = try checkpoint(of: files) }
        try write(manifest, as: name)
        return manifest
    }

    /// What the files say of the model; nil if one of them is gone. A file that cannot be read loses its blob.
    private func facts(of files: [Manifest.File]) throws(LibraryError) -> (value: ModelFacts?, Void)? {
        guard files.allSatisfy({ Files.size(blob($0.sha256)) == $0.size }) else { return nil }
        let models = files.filter { $0.role == .model }.sorted { $0.name < $1.name }
        guard let first = models.first else {
            let folder = try checkpoint(of: files)
            let weights = files.filter { $0.role == .weights }.map(\.name)
            return (ModelFacts(checkpoint: folder, weights: weights), ())
        }
        do {
            guard files.count > 1 else { return (try ModelFacts(gguf: blob(first.sha256), named: first.name), ()) }
            let folder = try checkpoint(of: files)
            return (try ModelFacts(gguf: folder.appending(path: first.name), named: first.name), ())
        } catch {
            removeUnused(files)
            throw error
        }
    }

    private static func fileName(of name: ModelName) -> String {
        name.tagged().description.replacing("/", with: "+").replacing(":", with: "=")
    }
}
