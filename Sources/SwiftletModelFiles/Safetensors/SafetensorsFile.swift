public import Foundation
public import SwiftletGround
import SwiftletTensors

/// One safetensors file, mapped: a JSON header, then tensors that cover the rest without holes or overlaps.
///
/// Refuses what the reference implementation refuses (https://github.com/huggingface/safetensors, tensor.rs).
public final class SafetensorsFile: Sendable {
    public let url: URL
    /// The texts under `__metadata__`: `format` is usually `pt`.
    public let metadata: JSONObject
    /// The tensors in the header's order.
    public let tensors: [SafetensorsTensor]
    /// Where the data section begins in the file.
    public let dataOffset: Int

    private let places: [ByteString: Int]

    /// The format's own limit for the header.
    private static let longestHeader = 100_000_000

    /// Maps a file and checks its header.
    public convenience init(_ url: URL) throws(ModelFileError) {
        let file = try MappedFile.open(url)
        try self.init(bytes: file.bytes, owner: file, url: url)
    }

    /// A file that is already in memory; `owner` keeps `bytes` alive.
    package init(bytes: UnsafeRawBufferPointer, owner: AnyObject, url: URL) throws(ModelFileError) {
        self.url = url
        do throws(ModelFileError) {
            var reader = ByteReader(bytes)
            let length = try reader.read(UInt64.self, "the length of the header")
            guard length <= Self.longestHeader else {
                throw ModelFileError(
                    .malformed, "the header takes \(length) bytes; \(Self.longestHeader) is the limit", at: "offset 0",
                    advice: "Name a safetensors file")
            }
            let header = try Self.parse(reader.take(Int(length), "the header"))
            dataOffset = reader.offset
            let data = UnsafeRawBufferPointer(rebasing: bytes[dataOffset...])
            var metadata = JSONObject()
            var tensors: [SafetensorsTensor] = []
            var places: [ByteString: Int] = [:]
            for member in header {
                if member.key.utf8.elementsEqual("__metadata__".utf8) {
                    metadata = try Self.metadata(member.value)
                } else {
                    do throws(ModelFileError) {
                        tensors.append(try Self.tensor(member.key, member.value, data: data, owner: owner))
                    } catch {
                        throw error.within("tensor \(member.key)")
                    }
                    places[ByteString(member.key)] = tensors.count - 1
                }
            }
            try Self.checkCover(tensors, dataSize: data.count)
            (self.metadata, self.tensors, self.places) = (metadata, tensors, places)
        } catch {
            throw error.within(url.path(percentEncoded: false))
        }
    }

    /// The tensor of that name, where it lies; nil if there is none.
    public func tensor(named name: String) -> SafetensorsTensor? {
        places[ByteString(name)].map { tensors[$0] }
    }

    private static func parse(_ bytes: UnsafeRawBufferPointer) throws(ModelFileError) -> JSONObject {
        let header: JSONValue
        do {
            // The header, a tensor, its shape: nothing is nested deeper.
            header = try JSONValue(parsing: bytes, maximumDepth: 8)
        } catch {
            throw ModelFileError(.malformed, "the header is not JSON: \(error.problem)", at: error.place)
        }
        guard let object = header.object else { throw ModelFileError(.malformed, "the header is no JSON object") }
        return object
    }

    private static func metadata(_ value: JSONValue) throws(ModelFileError) -> JSONObject {
        if value.isNull { return JSONObject() }
        guard let object = value.object, object.allSatisfy({ $0.value.string != nil }) else {
            throw ModelFileError(.malformed, "must hold texts only", at: "field __metadata__")
        }
        return object
    }

    private static func tensor(
        _ name: String, _ value: JSONValue, data: UnsafeRawBufferPointer, owner: AnyObject
    ) throws(ModelFileError) -> SafetensorsTensor {
        guard let typeName = value["dtype"]?.string else { throw ModelFileError(.malformed, "has no dtype") }
        guard let type = SafetensorsType(rawValue: typeName) else {
            throw ModelFileError(
                .unsupported, "the dtype \(typeName) is not known", advice: "Update Swiftlet, or convert the file")
        }
        let shape = try sizes(value["shape"], "shape")
        let offsets = try sizes(value["data_offsets"], "data_offsets")
        guard offsets.count == 2, offsets[0] <= offsets[1] else {
            throw ModelFileError(.malformed, "data_offsets \(offsets) are no range")
        }
        guard offsets[1] <= data.count else {
            throw ModelFileError(
                .truncated, "the data ends at \(offsets[1]), past the \(data.count) bytes of the data section",
                advice: "The file was cut short; get it again")
        }
        let byteCount = try SafetensorsTensor.byteCount(shape: shape, type: type)
        guard byteCount == offsets[1] - offsets[0] else {
            throw ModelFileError(
                .malformed,
                "shape \(shape) in \(typeName) takes \(byteCount) bytes, but data_offsets are \(offsets)")
        }
        let range = byteCount == 0 ? 0..<0 : offsets[0]..<offsets[1]
        return SafetensorsTensor(
            name: name, type: type, shape: shape, offset: offsets[0],
            bytes: UnsafeRawBufferPointer(rebasing: data[range]), owner: owner)
    }

    private static func sizes(_ value: JSONValue?, _ field: String) throws(ModelFileError) -> [Int] {
        guard let values = value?.array else { throw ModelFileError(.malformed, "has no array \(field)") }
        var sizes: [Int] = []
        for value in values {
            guard case .integer(let number) = value, let size = Int(exactly: number), size >= 0 else {
                throw ModelFileError(.malformed, "\(field) holds \(value), where sizes belong")
            }
            sizes.append(size)
        }
        return sizes
    }

    /// Throws unless the tensors cover the data section exactly, each byte once.
    private static func checkCover(_ tensors: [SafetensorsTensor], dataSize: Int) throws(ModelFileError) {
        var end = 0
        for tensor in tensors.sorted(by: { ($0.offset, $0.bytes.count) < ($1.offset, $1.bytes.count) }) {
            guard tensor.offset == end else {
                let problem = tensor.offset > end ? "leaves a hole before it" : "overlaps another tensor"
                throw ModelFileError(
                    .malformed, "the data \(problem): it begins at \(tensor.offset), not \(end)",
                    at: "tensor \(tensor.name)")
            }
            end += tensor.bytes.count
        }
        guard end == dataSize else {
            throw ModelFileError(.malformed, "\(dataSize - end) bytes follow the last tensor", at: "data offset \(end)")
        }
    }
}
