import Foundation
public import SwiftletTensors

/// How far the numbers of a written tensor are from those that it was made of.
public struct TensorAccuracy: Sendable, Equatable {
    /// The block of numbers that lost most.
    public struct Block: Sendable, Equatable {
        public let row: Int
        /// Its first column.
        public let column: Int
        /// The root of its mean squared error.
        public let error: Double
    }

    public let name: String
    public let type: ElementType
    public let elementCount: Int
    /// The root of the mean squared error.
    public let error: Double
    /// The root of the mean square of the numbers themselves.
    public let magnitude: Double
    /// Nil where no number changed.
    public let worstBlock: Block?

    /// Decibels between the numbers and their errors, 10 log10(sum x² / sum error²); infinite where no number changed.
    public var signalToNoise: Double { error == 0 ? .infinity : 20 * log10(magnitude / error) }
}

extension TensorAccuracy {
    /// What pieces of a tensor add up to.
    struct Sums {
        var errors = 0.0
        var squares = 0.0
        var worst: Block?

        /// Adds a block's numbers: those it was made of, and those it holds.
        mutating func add(
            _ original: UnsafePointer<Float>, _ written: UnsafePointer<Float>, count: Int, row: Int, column: Int
        ) {
            var (errors, squares) = (0.0, 0.0)
            for index in 0..<count {
                let difference = Double(original[index]) - Double(written[index])
                errors += difference * difference
                squares += Double(original[index]) * Double(original[index])
            }
            self.errors += errors
            self.squares += squares
            let error = (errors / Double(count)).squareRoot()
            if error > worst?.error ?? 0 { worst = Block(row: row, column: column, error: error) }
        }

        /// Adds a later piece's sums; of equal blocks the first stays the worst.
        mutating func add(_ other: Sums) {
            errors += other.errors
            squares += other.squares
            if let block = other.worst, block.error > worst?.error ?? 0 { worst = block }
        }
    }

    init(_ tensor: PlannedTensor, _ sums: Sums) {
        let count = Double(max(tensor.elementCount, 1))
        (name, type, elementCount) = (tensor.name, tensor.type, tensor.elementCount)
        error = (sums.errors / count).squareRoot()
        magnitude = (sums.squares / count).squareRoot()
        worstBlock = sums.worst
    }
}
