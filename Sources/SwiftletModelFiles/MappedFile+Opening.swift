import Foundation
import SwiftletGround
import SwiftletTensors

extension MappedFile {
    /// Maps a model file; throws this floor's error.
    static func open(_ url: URL) throws(ModelFileError) -> MappedFile {
        do {
            return try MappedFile(url)
        } catch {
            throw ModelFileError(.cannotRead, error.problem, at: error.place, advice: error.advice)
        }
    }
}
