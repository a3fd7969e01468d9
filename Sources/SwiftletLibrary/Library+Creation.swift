import Foundation
public import SwiftletGround

extension Library {
    /// Makes a model of an installed one's files under a new name, with settings over those that it has.
    ///
    /// The files are shared. An earlier model of that name is replaced, whole or not at all; a name may be made from
    /// itself. Throws `notFound` or `ambiguous` for the base, `missingBlob` if its files are not all there, and `manifest`
    /// for settings that a manifest cannot hold.
    @discardableResult
    public func create(
        _ name: ModelName, from base: ModelName, settings: ModelSettings
    ) throws(LibraryError) -> Manifest {
        try prepare()
        let held = try FileLock.lockBriefly(lock)
        defer { withExtendedLifetime(held) {} }
        let parent = try manifest(base)
        _ = try location(of: parent)
        var merged = settings.over(parent.settings)
        merged.parent = parent.name
        let target = name.tagged()
        let made = Manifest(
            name: target.description, source: parent.source, pulled: Date(), license: parent.license,
            files: parent.files, facts: parent.facts, settings: merged)
        // As it will be read: what a reader would refuse must not replace a model that works.
        let json = try made.json()
        guard json.count <= Manifest.mostBytes else {
            throw LibraryError(
                .manifest, "its settings have more than \(Manifest.mostBytes >> 20) MB", at: "model \"\(target)\"")
        }
        let checked = try Manifest(json: json, at: "model \"\(target)\"")
        try write(checked, as: target)
        return checked
    }
}

extension Manifest {
    /// The largest manifest that is made here; license texts are the largest part.
    static let mostBytes = 16 << 20
}
