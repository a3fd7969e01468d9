package import Crypto
import Foundation

extension SHA256 {
    /// The digest as 64 hexadecimal digits.
    package static func hexadecimal(_ message: [UInt8]) -> String {
        hash(data: message).map { String(format: "%02x", $0) }.joined()
    }
}
