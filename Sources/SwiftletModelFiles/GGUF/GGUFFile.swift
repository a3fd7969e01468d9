public import Foundation
public import SwiftletGround
public import SwiftletTensors

/// A GGUF model file, or all shards of one, mapped: metadata, and tensors where they lie.
///
/// Opening reads and checks the headers only: a few milliseconds, whatever the size of the data.
public final class GGUFFile: Sendable {
    /// The files, in shard order; one if the model is not split.
    public let urls: [URL]
    /// The GGUF version of the first file.
    public let version: UInt32
    /// The first file's metadata, which is the model's.
    public let metadata: GGUFMetadata
    /// All tensors, in the order of the files.
    public let tensors: [GGUFTensor]
    /// To what the data of each tensor is aligned, in bytes.
    public let alignment: Int
    /// Where each file's data section begins.
    public let dataOffsets: [Int]

    private let views: [TensorView]
    private let places: [ByteString: Int]

    /// Maps a file and checks its header; if it is a shard (`-00002-of-00003.gguf`), finds and opens its siblings.
    public convenience init(_ url: URL) throws(ModelFileError) {
        try self.init(urls: GGUFShards.urls(ofModelAt: url))
    }

    /// Maps one file and checks its header, even if it is one of several shards and the others are not there.
    package convenience init(shard url: URL) throws(ModelFileError) {
        try self.init([Part(url)], isWhole: false)
    }

    /// A file that is already in memory, for instance in a test; `owner` keeps `bytes` alive.
    package convenience init(bytes: UnsafeRawBufferPointer, owner: AnyObject, name: String) throws(ModelFileError) {
        try self.init([Part(url: URL(fileURLWithPath: name), bytes: bytes, owner: owner)])
    }

    private convenience init(urls: [URL]) throws(ModelFileError) {
        var parts: [Part] = []
        for url in urls { parts.append(try Part(url)) }
        try self.init(parts)
    }

    private init(_ parts: [Part], isWhole: Bool = true) throws(ModelFileError) {
        var headers: [GGUFHeader] = []
        var tensors: [GGUFTensor] = []
        var views: [TensorView] = []
        var places: [ByteString: Int] = [:]
        for (shard, part) in parts.enumerated() {
            do throws(ModelFileError) {
                var parser = GGUFParser(part.bytes, owner: part.owner)
                let header = try parser.parse(shard: shard)
                for tensor in header.tensors {
                    guard places.updateValue(tensors.count, forKey: ByteString(tensor.name)) == nil else {
                        throw ModelFileError(.shards, "is in two shards", at: "tensor \(tensor.name)")
                    }
                    tensors.append(tensor)
                    views.append(try part.view(of: tensor, in: header))
                }
                headers.append(header)
            } catch {
                throw error.within(part.name)
            }
        }
        if isWhole { try GGUFShards.check(headers, names: parts.map(\.name)) }
        urls = parts.map(\.url)
        version = headers[0].version
        metadata = headers[0].metadata
        alignment = headers[0].alignment
        dataOffsets = headers.map(\.dataOffset)
        (self.tensors, self.views, self.places) = (tensors, views, places)
    }

    /// The tensor of that name, where it lies; nil if there is none.
    public func tensor(named name: String) -> TensorView? {
        places[ByteString(name)].map { views[$0] }
    }

    /// The tensor at an index of `tensors`, where it lies.
    public func tensor(at index: Int) -> TensorView {
        views[index]
    }
}

/// One file of a model.
private struct Part {
    let url: URL
    let bytes: UnsafeRawBufferPointer
    let owner: AnyObject

    var name: String { url.path(percentEncoded: false) }

    init(url: URL, bytes: UnsafeRawBufferPointer, owner: AnyObject) {
        (self.url, self.bytes, self.owner) = (url, bytes, owner)
    }

    init(_ url: URL) throws(ModelFileError) {
        let file = try MappedFile.open(url)
        self.init(url: url, bytes: file.bytes, owner: file)
    }

    func view(of tensor: GGUFTensor, in header: GGUFHeader) throws(ModelFileError) -> TensorView {
        let start = header.dataOffset + tensor.offset
        // An empty tensor at the very end has no bytes to point at.
        let range = tensor.byteCount == 0 ? 0..<0 : start..<start + tensor.byteCount
        do {
            return try TensorView(
                name: tensor.name, shape: tensor.shape, type: tensor.type,
                bytes: UnsafeRawBufferPointer(rebasing: bytes[range]), owner: owner)
        } catch {
            throw ModelFileError(.malformed, error.problem, at: error.place)
        }
    }
}
