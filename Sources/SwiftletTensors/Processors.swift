import Foundation

/// The processors that this process may use: what threads can be chosen from.
package struct Processors: Sendable, Equatable {
    /// Logical processors by affinity, or by the cgroup's quota where that is less.
    package let usable: Int
    /// Physical cores among them: two threads of one core share its arithmetic units.
    package let cores: Int

    /// `siblings`: for each logical processor that the process may run on, the processors of its core, as the system lists
    /// them; `quota`: processors' worth of time that a cgroup allows.
    package init(siblings: [String], quota: Double?) {
        let allowed = quota.map { max(1, Int($0.rounded(.up))) } ?? .max
        usable = max(1, min(siblings.count, allowed))
        cores = min(usable, max(1, Set(siblings).count))
    }

    package static let current = Processors()

    #if os(Linux)
    private init() {
        let siblings = Self.affinity().map { processor in
            Self.text("/sys/devices/system/cpu/cpu\(processor)/topology/thread_siblings_list") ?? "\(processor)"
        }
        self.init(siblings: siblings, quota: Self.quota())
    }

    /// The processors that the scheduler may put this process on.
    private static func affinity() -> [Int] {
        let allowed = text("/proc/self/status").flatMap(allowedProcessors(in:)) ?? []
        return allowed.isEmpty ? Array(0..<ProcessInfo.processInfo.activeProcessorCount) : allowed
    }

    /// The least quota of this process's cgroup and those around it.
    private static func quota() -> Double? {
        guard let groups = text("/proc/self/cgroup") else { return nil }
        var least: Double?
        func note(_ limit: String) {
            guard let quota = quota(in: limit) else { return }
            least = min(least ?? quota, quota)
        }
        for path in groupPaths(groups, controller: "") { note(text("/sys/fs/cgroup\(path)cpu.max") ?? "") }
        for path in groupPaths(groups, controller: "cpu") {
            let parts = ["quota", "period"].map { text("/sys/fs/cgroup/cpu\(path)cpu.cfs_\($0)_us") ?? "" }
            note(parts.joined(separator: " "))
        }
        return least
    }

    private static func text(_ path: String) -> String? {
        guard let file = FileHandle(forReadingAtPath: path), let data = try? file.read(upToCount: 65_536) else {
            return nil
        }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
    #else
    private init() {
        let count = ProcessInfo.processInfo.activeProcessorCount
        var cores: Int32 = 0, size = MemoryLayout<Int32>.size
        // Macs without efficiency cores have no levels.
        if sysctlbyname("hw.perflevel0.physicalcpu", &cores, &size, nil, 0) != 0 || cores < 1 {
            size = MemoryLayout<Int32>.size
            sysctlbyname("hw.physicalcpu", &cores, &size, nil, 0)
        }
        usable = count
        self.cores = cores > 0 ? min(count, Int(cores)) : count
    }
    #endif

    /// The numbers in the line `Cpus_allowed_list:	0-3,8` of `/proc/self/status`; nil without one.
    package static func allowedProcessors(in status: String) -> [Int]? {
        let name = "Cpus_allowed_list:"
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return nil }
        return line.dropFirst(name.count).split(separator: ",").flatMap { part -> [Int] in
            let ends = part.split(separator: "-").map { Int($0.trimmingCharacters(in: .whitespaces)) }
            guard let low = ends.first ?? nil, let high = ends.last ?? nil, low >= 0, low <= high, high < 1 << 16 else {
                return []
            }
            return Array(low...high)
        }
    }

    /// The folders of a process's cgroup and of all around it, from `/proc/self/cgroup`: "/", "/a/", "/a/b/". `controller`:
    /// one of version 1, or "" for version 2.
    package static func groupPaths(_ groups: String, controller: String) -> [String] {
        for line in groups.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3,
                fields[1].split(separator: ",", omittingEmptySubsequences: false).contains(controller[...])
            else { continue }
            var paths = ["/"]
            for part in fields[2].split(separator: "/") { paths.append(paths[paths.count - 1] + part + "/") }
            return paths
        }
        return []
    }

    /// Processors' worth of time from a quota and its period: "200000 100000" are two; nil for "max" and -1, no limit.
    package static func quota(in text: String) -> Double? {
        let parts = text.split(separator: " ").map { Double($0) }
        guard parts.count == 2, let time = parts[0], let period = parts[1], time > 0, period > 0 else { return nil }
        return time / period
    }
}
