import Foundation
import SwiftletGround

/// How this process's threads stand beside others when cores are scarce.
enum ProcessPriority {
    /// llama-bench's levels, from -1 (low) to 3, as nice values; threads that start later inherit it.
    ///
    /// Throws where the system does not allow it: mostly only root may go above 0.
    static func set(_ level: Int) throws {
        let niceness: Int32 = [-1: 10, 0: 0, 1: -5, 2: -10, 3: -20][level] ?? 0
        #if os(Linux)
        // On Linux a nice value belongs to a thread.
        let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").compactMap { UInt32($0) }
        let failed = threads.contains { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), $0, niceness) != 0 }
        #else
        let failed = setpriority(PRIO_PROCESS, 0, niceness) != 0
        #endif
        guard !failed else {
            throw CommandError(
                .usage, "the system does not allow that: \(String(cString: strerror(errno)))", at: "--prio \(level)",
                advice: "Run as root, or leave --prio out")
        }
    }
}
