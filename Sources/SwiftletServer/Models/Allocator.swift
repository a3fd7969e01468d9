import Foundation

/// The C library's allocator, for a process that runs for months; nothing where there is another one.
package enum Allocator {
    /// Has threads share a few arenas, and arenas give back what they do not use.
    ///
    /// glibc gives up to eight arenas a core to threads, and what is freed in one is of no use to the others: a server whose
    /// threads take turns with requests then holds several times what it needs. And it keeps up to 64 MB of free memory at the
    /// end of each arena once large pieces have been freed, where `malloc_trim` does not look. Does nothing where the
    /// environment's variables of malloc say otherwise.
    package static func prepare() {
        guard let symbol = dlsym(nil, "mallopt") else { return }
        typealias Option = @convention(c) (Int32, Int32) -> Int32
        let option = unsafeBitCast(symbol, to: Option.self)
        let environment = ProcessInfo.processInfo.environment
        guard environment["GLIBC_TUNABLES"] == nil else { return }
        // M_ARENA_MAX, M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h, which the Glibc module does not have.
        for (name, number, value): (String, Int32, Int32) in [
            ("MALLOC_ARENA_MAX", -8, 2), ("MALLOC_TRIM_THRESHOLD_", -1, 1 << 20),
            ("MALLOC_MMAP_THRESHOLD_", -3, 1 << 20),
        ] where environment[name] == nil {
            _ = option(number, value)
        }
    }

    /// Gives memory that was freed back to the system: glibc keeps what lies between things that are still in use.
    static func trim() {
        guard let symbol = dlsym(nil, "malloc_trim") else { return }
        typealias Trim = @convention(c) (Int) -> Int32
        _ = unsafeBitCast(symbol, to: Trim.self)(0)
    }
}
