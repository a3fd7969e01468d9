import Foundation

/// What the system says of this process.
struct ProcessFacts: Sendable {
    /// Resident bytes, with what was touched of mapped files; nil where the system does not tell.
    var residentBytes: Int?
    /// Resident bytes that no file backs.
    var ownBytes: Int?
    var processorSeconds: Double
    /// Seconds since 1970.
    var start: Double

    init(start: Date) {
        self.start = start.timeIntervalSince1970
        let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        func bytes(_ name: String) -> Int? {
            let line = status?.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            return line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
                .flatMap { Int($0) }.map { $0 << 10 }
        }
        residentBytes = bytes("VmRSS")
        ownBytes = bytes("RssAnon").map { $0 + (bytes("RssShmem") ?? 0) }
        processorSeconds = Double(clock()) / Double(CLOCKS_PER_SEC)
    }
}
