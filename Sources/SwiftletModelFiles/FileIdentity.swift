package import Foundation

/// Whether two names mean one file, through links and detours.
package enum FileIdentity {
    package static func areSame(_ one: URL, _ other: URL) -> Bool {
        guard let a = identity(one), let b = identity(other) else { return false }
        return a.device == b.device && a.number == b.number
    }

    private static func identity(_ url: URL) -> (device: UInt64, number: UInt64)? {
        var status = stat()
        guard stat(url.path(percentEncoded: false), &status) == 0 else { return nil }
        return (UInt64(bitPattern: Int64(status.st_dev)), UInt64(status.st_ino))
    }
}
