import Foundation
import SwiftletGround

/// A file inside a wheel.
struct WheelMember: Decodable, Sendable {
    let name: String
    let size: Int
}

extension Python {
    /// Downloads the wheel of a package into a folder of its own; `progress` gets the bytes on disk so far.
    ///
    /// Only wheels are taken: a source package would run its own code to be built.
    func downloadWheel(
        _ requirement: String, into folder: URL, progress: @escaping @Sendable (Int) -> Void
    ) async throws -> URL {
        let temporary = folder.appending(path: "tmp", directoryHint: .isDirectory)
        let wheels = folder.appending(path: "wheels", directoryHint: .isDirectory)
        try Files.makeFolder(temporary)
        try Files.makeFolder(wheels)
        let path = temporary.path(percentEncoded: false)
        let outcome = try await run(
            [
                "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--no-input",
                "--disable-pip-version-check", "--progress-bar", "off", "--dest", wheels.path(percentEncoded: false),
                "--",
                requirement,
            ], variables: ["TMPDIR": path, "PYTHONUNBUFFERED": "1"]
        ) {
            progress(Self.bytes(below: folder))
        }
        guard outcome.status == 0 else { throw Self.failure(outcome, requirement) }
        let found = (try? FileManager.default.contentsOfDirectory(atPath: wheels.path(percentEncoded: false))) ?? []
        guard let wheel = found.first(where: { $0.hasSuffix(".whl") }) else {
            throw LibraryError(.package, "pip brought no wheel", at: "pypi:\(requirement)")
        }
        return wheels.appending(path: wheel, directoryHint: .notDirectory)
    }

    /// The files of a wheel.
    func members(of wheel: URL) async throws -> [WheelMember] {
        let outcome = try await run(["-I", "-c", Self.script, "list", wheel.path(percentEncoded: false)])
        guard outcome.status == 0, let members = try? JSONDecoder().decode([WheelMember].self, from: outcome.output)
        else {
            throw Self.damaged(outcome, wheel)
        }
        try checkExpansion(members, of: wheel)
        return members
    }

    /// Throws for a wheel that is small and unpacks to a great deal (a zip bomb): weights hardly shrink.
    private func checkExpansion(_ members: [WheelMember], of wheel: URL) throws(LibraryError) {
        let packed = Files.size(wheel) ?? 0
        let (most, isHuge) = packed.multipliedReportingOverflow(by: Self.mostExpansion)
        var sum = 0
        for member in members {
            let (next, overflows) = sum.addingReportingOverflow(member.size)
            guard member.size >= 0, !overflows else { sum = .max; break }
            sum = next
        }
        guard sum > max(Self.harmlessBytes, isHuge ? .max : most) else { return }
        throw LibraryError(
            .package, "unpacks to \(sum.asBytes), from \(packed.asBytes): no model does that",
            at: wheel.lastPathComponent)
    }

    /// What all members of a wheel together may have, in bytes of the wheel.
    private static let mostExpansion = 20
    /// Bytes that a wheel may unpack to however small it is.
    private static let harmlessBytes = 64 << 20

    /// Writes a member's bytes, at most `limit`, at the end of a file.
    func extract(
        _ member: String, of wheel: URL, limit: Int, to file: URL, poll: @escaping @Sendable () -> Void
    ) async throws {
        let path = file.path(percentEncoded: false)
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard descriptor >= 0 else { throw LibraryError.storage("cannot be opened", path, errno) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        let outcome = try await run(
            ["-I", "-c", Self.script, "extract", wheel.path(percentEncoded: false), member, String(limit)],
            output: handle, poll: poll)
        try? handle.close()
        guard outcome.status == 0 else {
            if let match = outcome.errors.firstMatch(of: /errno (\d+):/), let code = Int32(match.1), code != 0 {
                throw LibraryError.storage("cannot be written", path, code)
            }
            throw Self.damaged(outcome, wheel)
        }
    }

    private static let script = String(decoding: PackageResources.wheel_py, as: UTF8.self)

    private static func damaged(_ outcome: Outcome, _ wheel: URL) -> LibraryError {
        let reason = outcome.errors.split(separator: "\n").last.map { $0.shortened } ?? "status \(outcome.status)"
        return LibraryError(.package, "cannot be read: \(reason)", at: wheel.lastPathComponent)
    }

    /// pip's own last error line, and what to do about the usual ones.
    private static func failure(_ outcome: Outcome, _ requirement: String) -> LibraryError {
        let place = "pypi:\(requirement)"
        let errors = outcome.errors
        if errors.contains("No module named pip") {
            return LibraryError(.python, "Python has no pip", at: place, advice: advice)
        }
        if errors.contains("No space left on device") || errors.contains("Disk quota exceeded") {
            return LibraryError(
                .diskFull, "pip ran out of disk space", at: place,
                advice: "Free some space, or set SWIFTLET_HOME to a folder on a larger disk")
        }
        let lines = errors.split(separator: "\n")
        let line = lines.last { $0.hasPrefix("ERROR:") } ?? lines.last ?? "status \(outcome.status)"
        let isOffline = ["Max retries", "NewConnectionError", "Temporary failure", "ConnectionError", "timed out"]
            .contains { errors.contains($0) }
        let isUnknown = !isOffline && errors.contains("No matching distribution")
        return LibraryError(
            isOffline ? .network : isUnknown ? .notFound : .python, "pip failed: \(line.shortened)", at: place,
            advice: isOffline
                ? "Check the network and pip's settings (python3 -m pip config list)"
                : "The same by hand: python3 -m pip download --no-deps \(requirement)")
    }

    /// The bytes in all files below a folder, however they come and go.
    private static func bytes(below folder: URL) -> Int {
        let path = folder.path(percentEncoded: false)
        let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        // A finished wheel lies twice for a moment: in pip's temporary folder and in its place.
        return names.compactMap { Files.size(folder.appending(path: $0)) }.max() ?? 0
    }
}
