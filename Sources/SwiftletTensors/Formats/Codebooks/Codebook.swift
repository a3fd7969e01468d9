/// A constant table that decoders index without checks; built once, never freed.
struct Codebook<Entry: BitwiseCopyable>: @unchecked Sendable {
    // Sendable: the entries are never written after init.

    let entries: UnsafePointer<Entry>
    let count: Int

    init(_ entries: [Entry]) {
        let memory = UnsafeMutablePointer<Entry>.allocate(capacity: entries.count)
        memory.initialize(from: entries, count: entries.count)
        self.entries = UnsafePointer(memory)
        count = entries.count
    }
}
