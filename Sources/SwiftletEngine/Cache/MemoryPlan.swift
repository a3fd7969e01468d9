import Foundation
import SwiftletGround

#if canImport(Glibc)
import Glibc
#endif

/// How much of the machine's memory a cache may take.
package enum MemoryPlan {
    /// Whole contexts that a cache is made for where nobody says how large it may be.
    static let contexts = 4
    /// The share of the free memory that it takes at most then.
    static let share = 0.5

    /// Pages of a cache: what `limit` bytes hold, or by default a few contexts of `contextLength` tokens, bounded by a share of the free memory.
    ///
    /// Throws if not even one page fits.
    package static func pages(
        _ layout: PageLayout, contextLength: Int, limit: Int?, free: Int = freeMemory
    ) throws(EngineError) -> Int {
        // The last token of a context is never stored, and a page more lets a prompt that is known whole be copied.
        let context = contextLength / layout.positions + 2
        let (most, overflow) = context.multipliedReportingOverflow(by: contexts)
        let count: Int
        if let limit {
            count = limit / max(layout.bytes, 1)
        } else {
            count = min(overflow ? .max : most, Int(Double(free) * share) / max(layout.bytes, 1))
        }
        guard count > 0 else {
            throw EngineError(
                .contextLength,
                "the cache may take \(limit ?? Int(Double(free) * share)) bytes, but \(layout.positions) tokens take \(layout.bytes)",
                advice: "Give it more memory, or use a q8_0 cache")
        }
        return min(count, 1 << 20)
    }

    /// Bytes that this process can take without driving the machine to swap or beyond its cgroup's limit.
    package static var freeMemory: Int {
        let physical = Int(clamping: ProcessInfo.processInfo.physicalMemory)
        #if os(Linux)
        var least = physical
        if let text = text("/proc/meminfo"), let free = kilobytes("MemAvailable:", in: text) {
            least = min(least, free.multipliedReportingOverflow(by: 1024).partialValue)
        }
        var path = group
        while let current = path {
            let folder = "/sys/fs/cgroup" + current
            if let limit = text(folder + "/memory.max").flatMap(integer),
                let used = text(folder + "/memory.current").flatMap(integer)
            {
                least = min(least, max(0, limit - used))
            }
            path = current.isEmpty ? nil : String(current[..<(current.lastIndex(of: "/") ?? current.startIndex)])
        }
        if let limit = text("/sys/fs/cgroup/memory/memory.limit_in_bytes").flatMap(integer),
            let used = text("/sys/fs/cgroup/memory/memory.usage_in_bytes").flatMap(integer)
        {
            least = min(least, max(0, limit - used))
        }
        return least
        #else
        return physical / 2
        #endif
    }

    #if os(Linux)
    /// The process's path among cgroups of version 2, without a slash at its end.
    private static var group: String? {
        guard let line = text("/proc/self/cgroup")?.split(separator: "\n").first(where: { $0.hasPrefix("0::") }) else {
            return nil
        }
        let path = line.dropFirst(3)
        return path == "/" ? "" : String(path)
    }

    private static func text(_ path: String) -> String? {
        guard let file = FileHandle(forReadingAtPath: path), let data = try? file.read(upToCount: 65_536) else {
            return nil
        }
        return String(decoding: data, as: UTF8.self)
    }

    private static func integer(_ text: String) -> Int? { Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) }

    private static func kilobytes(_ name: String, in text: String) -> Int? {
        text.split(separator: "\n").first { $0.hasPrefix(name) }?
            .split(separator: " ", omittingEmptySubsequences: true).dropFirst().first.flatMap { Int($0) }
    }
    #endif
}
