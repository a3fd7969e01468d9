import Foundation

extension MappedFile {
    /// Brings all pages into this process's page tables, on a thread of its own: who reads them meanwhile or later faults
    /// less. Returns at once; does nothing where the system does not know how.
    ///
    /// A file that is not in the page cache is read from the disk by it, in order.
    package func populate() {
        guard !bytes.isEmpty else { return }
        let thread = Thread { [self] in
            // In pieces, so that whoever maps or unmaps memory meanwhile waits briefly.
            let piece = 16 << 20
            for start in stride(from: 0, to: bytes.count, by: piece) {
                guard let base = UnsafeMutableRawPointer(mutating: bytes.baseAddress) else { return }
                #if os(Linux)
                let populateRead: Int32 = 22  // MADV_POPULATE_READ, Linux 5.14
                guard madvise(base + start, min(piece, bytes.count - start), populateRead) == 0 else { return }
                #else
                guard madvise(base + start, min(piece, bytes.count - start), MADV_WILLNEED) == 0 else { return }
                #endif
            }
        }
        thread.name = "swiftlet-pages"
        thread.start()
    }
}
