import Foundation
import SwiftletGround

/// Models split over several files: `NAME-00001-of-00003.gguf`, as llama-gguf-split writes them.
///
/// Each file says `split.no` (from 0), `split.count` and `split.tensors.count` (of all files together); the first carries
/// the model's metadata.
enum GGUFShards {
    private static let numberKey = "split.no"
    private static let countKey = "split.count"
    private static let tensorCountKey = "split.tensors.count"

    /// All files of the model that the file at `url` belongs to, in order; only `url` if its name is not that of a shard.
    static func urls(ofModelAt url: URL) throws(ModelFileError) -> [URL] {
        let name = url.lastPathComponent
        guard let match = name.wholeMatch(of: #/(.*)-([0-9]{5})-of-([0-9]{5})\.gguf/#), let count = Int(match.3),
            count > 1
        else { return [url] }
        guard let number = Int(match.2), number >= 1, number <= count else {
            throw ModelFileError(.shards, "is shard \(match.2) of \(match.3)", at: url.path(percentEncoded: false))
        }
        let folder = url.deletingLastPathComponent()
        var urls: [URL] = []
        for index in 1...count {
            let padded = "0000\(index)".suffix(5)
            let sibling = index == number ? url : folder.appending(path: "\(match.1)-\(padded)-of-\(match.3).gguf")
            guard index == number || FileManager.default.fileExists(atPath: sibling.path(percentEncoded: false)) else {
                throw ModelFileError(
                    .shards, "shard \(index) of \(count) is not there", at: sibling.path(percentEncoded: false),
                    advice: "Put all \(count) files into one folder")
            }
            urls.append(sibling)
        }
        return urls
    }

    /// Throws unless the files say that they are the parts, in this order, of one model.
    static func check(_ headers: [GGUFHeader], names: [String]) throws(ModelFileError) {
        for (index, header) in headers.enumerated() {
            do throws(ModelFileError) {
                let count = try header.metadata.integer(ifPresent: countKey) ?? 1
                guard max(count, 1) == headers.count else {
                    throw ModelFileError(
                        .shards, "the model is split over \(count) files, but \(headers.count) were found by name",
                        at: "key \(countKey)",
                        advice: "Keep the names that the shards came with: NAME-00001-of-00003.gguf")
                }
                guard headers.count > 1 else { return }
                let number = try header.metadata.integer(numberKey)
                guard number == index else {
                    throw ModelFileError(
                        .shards, "says that it is shard \(number) (from 0), where \(index) belongs",
                        at: "key \(numberKey)")
                }
                let total = headers.reduce(0) { $0 + $1.tensors.count }
                if let expected = try header.metadata.integer(ifPresent: tensorCountKey), expected != total {
                    throw ModelFileError(
                        .shards, "the model has \(expected) tensors, but its files hold \(total)",
                        at: "key \(tensorCountKey)")
                }
            } catch {
                throw error.within(names[index])
            }
        }
    }
}
