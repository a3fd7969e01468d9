import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// How many files, connections among them, the process may open.
enum OpenFiles {
    /// Raises the limit as far as the system lets everybody; programs start with 1,024 for the sake of old ones.
    static func raiseLimit() {
        guard var limits = current else { return }
        limits.rlim_cur = limits.rlim_max
        #if os(macOS)
        limits.rlim_cur = min(limits.rlim_cur, rlim_t(OPEN_MAX))
        #endif
        _ = setrlimit(resource, &limits)
    }

    /// Connections for which there are files, when models, their caches and downloads have theirs.
    static var connections: Int {
        let files = current.map { Int(clamping: $0.rlim_cur) } ?? 1024
        return min(16_384, max(files / 2, files - 1024))
    }

    private static var current: rlimit? {
        var limits = rlimit()
        return getrlimit(resource, &limits) == 0 ? limits : nil
    }

    #if canImport(Glibc)
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
    private static let resource = RLIMIT_NOFILE
    #endif
}
