import SwiftletGround
import SwiftletTensors

/// A tensor of a safetensors file where it lies, row-major, outermost dimension first.
public struct SafetensorsTensor: @unchecked Sendable {
    // Sendable: the bytes are never written through it, and `owner` keeps them alive.

    public let name: String
    public let type: SafetensorsType
    public let shape: [Int]
    /// Where the bytes begin, from the start of the file's data section.
    public let offset: Int
    /// The bytes, little endian, valid for as long as this tensor lives.
    public let bytes: UnsafeRawBufferPointer
    fileprivate let owner: AnyObject

    init(
        name: String, type: SafetensorsType, shape: [Int], offset: Int, bytes: UnsafeRawBufferPointer, owner: AnyObject
    ) {
        (self.name, self.type, self.shape) = (name, type, shape)
        (self.offset, self.bytes, self.owner) = (offset, bytes, owner)
    }

    public var elementCount: Int { shape.reduce(1, *) }

    /// Bytes that `shape` takes in `type`; throws if it overflows or ends inside a byte.
    static func byteCount(shape: [Int], type: SafetensorsType) throws(ModelFileError) -> Int {
        var count = 1
        var overflow = false
        for dimension in shape {
            let product = count.multipliedReportingOverflow(by: dimension)
            count = product.partialValue
            overflow = overflow || product.overflow
        }
        let bits = count.multipliedReportingOverflow(by: type.bits)
        guard !overflow, !bits.overflow else { throw ModelFileError(.malformed, "the shape \(shape) is impossible") }
        guard bits.partialValue % 8 == 0 else {
            throw ModelFileError(.malformed, "\(count) elements of \(type.rawValue) end inside a byte")
        }
        return bits.partialValue / 8
    }
}

extension SafetensorsTensor {
    /// Lets the kernel take back the memory of elements that were read and will hardly be needed again.
    package func release(_ elements: Range<Int>) {
        guard let file = owner as? MappedFile else { return }
        let (start, end) = (elements.lowerBound * type.bits / 8, (elements.upperBound * type.bits + 7) / 8)
        file.release(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
    }
}
