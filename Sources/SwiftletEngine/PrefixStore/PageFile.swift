import Foundation

/// One page on disk: a header of 64 bytes (magic, version, bytes, key, checksum) and the page as it lies in memory.
///
/// Written beside its place, synced and renamed: under its name a file is whole. Only its owner may read it: keys and values
/// tell much of the text that they were computed from.
enum PageFile {
    static let headerBytes = 64
    private static let magic: [UInt8] = Array("SWLTKVP1".utf8)

    /// False if the file cannot be written whole.
    static func write(_ page: UnsafeRawBufferPointer, _ key: PrefixKey, to url: URL, temporary: URL) -> Bool {
        let path = temporary.path(percentEncoded: false)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        let isWhole =
            header(page, key).withUnsafeBytes { write($0, to: descriptor) } && write(page, to: descriptor)
            && fsync(descriptor) == 0
        guard close(descriptor) == 0, isWhole, rename(path, url.path(percentEncoded: false)) == 0 else {
            unlink(path)
            return false
        }
        return true
    }

    /// Reads a page into its place and marks the file as used; false if it is damaged, of another form or not there: what
    /// `page` holds then means nothing.
    static func read(_ url: URL, _ key: PrefixKey, into page: UnsafeMutableRawBufferPointer) -> Bool {
        let descriptor = open(url.path(percentEncoded: false), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            Int(status.st_size) == headerBytes + page.count
        else { return false }
        var found = [UInt8](repeating: 0, count: headerBytes)
        guard found.withUnsafeMutableBytes({ read($0, from: descriptor) }), read(page, from: descriptor) else {
            return false
        }
        return found == header(UnsafeRawBufferPointer(page), key)
    }

    private static func header(_ page: UnsafeRawBufferPointer, _ key: PrefixKey) -> [UInt8] {
        var header = magic
        for number in [UInt64(page.count), checksum(page)] {
            header += (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
        }
        header += key.bytes
        return header + [UInt8](repeating: 0, count: headerBytes - header.count)
    }

    /// Eight interleaved sums of products: finds damage, at the speed of memory; forgery is not its matter.
    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        let prime: UInt64 = 0x9E37_79B9_7F4A_7C15
        var (a, b, c, d) = (prime, ~prime, prime << 1, prime >> 1)
        let words = bytes.count / 32
        for index in 0..<words {
            a = (a ^ bytes.loadUnaligned(fromByteOffset: index * 32, as: UInt64.self)) &* prime
            b = (b ^ bytes.loadUnaligned(fromByteOffset: index * 32 + 8, as: UInt64.self)) &* prime
            c = (c ^ bytes.loadUnaligned(fromByteOffset: index * 32 + 16, as: UInt64.self)) &* prime
            d = (d ^ bytes.loadUnaligned(fromByteOffset: index * 32 + 24, as: UInt64.self)) &* prime
            (a, b, c, d) = (a ^ a >> 29, b ^ b >> 29, c ^ c >> 29, d ^ d >> 29)
        }
        var sum = UInt64(bytes.count) &* prime
        for byte in bytes[(words * 32)...] { sum = (sum ^ UInt64(byte)) &* prime }
        for lane in [a, b, c, d] { sum = (sum ^ lane ^ sum >> 31) &* prime }
        return sum ^ sum >> 32
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
        every(bytes.count) { done in
            Foundation.write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
        }
    }

    private static func read(_ bytes: UnsafeMutableRawBufferPointer, from descriptor: Int32) -> Bool {
        every(bytes.count) { done in
            Foundation.read(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
        }
    }

    /// Whether calls that each do a part of `count` bytes did them all.
    private static func every(_ count: Int, _ part: (_ done: Int) -> Int) -> Bool {
        var done = 0
        while done < count {
            let more = part(done)
            if more < 0, errno == EINTR { continue }
            guard more > 0 else { return false }
            done += more
        }
        return true
    }
}
