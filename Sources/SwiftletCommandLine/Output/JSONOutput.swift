import Foundation
import SwiftletLibrary

/// JSON on standard output: sorted keys, dates as ISO 8601.
enum JSONOutput {
    static func print(_ value: some Encodable) throws {
        try StandardOutput.write(Array(JSONEncoder.library.encode(value)) + [UInt8(ascii: "\n")])
    }
}
