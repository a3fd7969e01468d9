import Foundation

/// What the system says of this machine's memory.
public enum MachineMemory {
    /// Bytes that this process may use without pushing others out; the least of what the machine and its control group
    /// (container) allow, file cache counted as free.
    public static var availableBytes: Int {
        let physical = Int(clamping: ProcessInfo.processInfo.physicalMemory)
        #if os(Linux)
        let machine = field("MemAvailable", of: read("/proc/meminfo")) ?? physical
        return min(machine, controlGroupBytes(read) ?? .max)
        #else
        return physical
        #endif
    }

    /// `MemAvailable:   23456 kB` in bytes.
    static func field(_ name: String, of text: String?) -> Int? {
        for line in (text ?? "").split(separator: "\n") where line.hasPrefix(name + ":") {
            let parts = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard parts.count >= 2, let kilobytes = Int(parts[1]) else { return nil }
            let (bytes, overflow) = kilobytes.multipliedReportingOverflow(by: 1024)
            return overflow ? nil : bytes
        }
        return nil
    }

    /// What a container's limit leaves, by cgroup v2 or v1; nil without a limit.
    package static func controlGroupBytes(_ read: (String) -> String?) -> Int? {
        func number(_ path: String) -> Int? {
            read(path).flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        }
        let pairs = [
            ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
            ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
        ]
        // cgroup v1 writes a number near 2^63 for "no limit".
        for (limitPath, usedPath) in pairs {
            guard let limit = number(limitPath), limit < 1 << 60 else { continue }
            // Cached file pages count as used, but give way: read them from the group's own accounts.
            let folder = URL(filePath: limitPath).deletingLastPathComponent()
            let accounts = read(folder.appending(path: "memory.stat").path(percentEncoded: false)) ?? ""
            let cached = accounts.split(separator: "\n").first { $0.hasPrefix("inactive_file ") }
                .flatMap { Int($0.dropFirst("inactive_file ".count)) }
            return max(0, limit - max(0, (number(usedPath) ?? 0) - (cached ?? 0)))
        }
        return nil
    }

    private static func read(_ path: String) -> String? {
        try? String(contentsOf: URL(filePath: path), encoding: .utf8)
    }
}
