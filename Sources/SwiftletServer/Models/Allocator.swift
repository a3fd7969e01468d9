import Foundation

/// The C library's allocator, for a process that runs for months; nothing where there is another one.
package enum Allocator {
    /// Has threads share a few arenas.
    ///
    /// glibc gives up to eight arenas a core to threads, and what is freed in one is of no use to the others: a server whose
    /// threads take turns with requests then holds several times what it needs. Does nothing where `MALLOC_ARENA_MAX` says
    /// otherwise.
    package static func shareArenas() {
        guard ProcessInfo.processInfo.environment["MALLOC_ARENA_MAX"] == nil,
            let symbol = dlsym(nil, "mallopt")
        else { return }
        typealias Option = @convention(c) (Int32, Int32) -> Int32
        // M_ARENA_MAX of malloc.h, which the Glibc module does not have.
        _ = unsafeBitCast(symbol, to: Option.self)(-8, 2)
    }

    /// Gives memory that was freed back to the system: glibc keeps what lies below something that is still in use.
    static func trim() {
        guard let symbol = dlsym(nil, "malloc_trim") else { return }
        typealias Trim = @convention(c) (Int) -> Int32
        _ = unsafeBitCast(symbol, to: Trim.self)(0)
    }
}
