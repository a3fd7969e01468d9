import Foundation

/// The C library's allocator, for a process that runs for months.
enum Allocator {
    /// Has threads share a few arenas.
    ///
    /// glibc gives up to eight arenas a core to threads, and what is freed in one is of no use to the others: a server whose
    /// threads take turns with requests then holds several times what it needs. Does nothing where there is another allocator,
    /// or where `MALLOC_ARENA_MAX` says otherwise.
    static func shareArenas() {
        guard ProcessInfo.processInfo.environment["MALLOC_ARENA_MAX"] == nil,
            let symbol = dlsym(nil, "mallopt")
        else { return }
        typealias Option = @convention(c) (Int32, Int32) -> Int32
        // M_ARENA_MAX of malloc.h, which the Glibc module does not have.
        _ = unsafeBitCast(symbol, to: Option.self)(-8, 2)
    }
}
