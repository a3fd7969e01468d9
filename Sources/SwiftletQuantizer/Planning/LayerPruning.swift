import SwiftletGround
import SwiftletModelFiles

/// New names for the tensors of a model that loses layers: those after a lost layer move up.
struct LayerPruning {
    /// For each layer of the model its new number; nil for one that is left out.
    private let numbers: [Int?]
    /// Layers that stay.
    let layerCount: Int

    /// Throws if a layer is named that the model does not have, or none would stay.
    init(_ pruned: Set<Int>, of layers: Int) throws(QuantizerError) {
        if let wrong = pruned.sorted().first(where: { $0 < 0 || $0 >= layers }) {
            throw QuantizerError(
                .option, "the model has no layer \(wrong)", at: "layers to prune",
                advice: "Its layers are 0 to \(layers - 1)")
        }
        guard pruned.count < layers || pruned.isEmpty else {
            throw QuantizerError(.option, "no layer would stay", at: "layers to prune")
        }
        var next = 0
        var numbers: [Int?] = []
        if !pruned.isEmpty {
            for layer in 0..<layers {
                numbers.append(pruned.contains(layer) ? nil : next)
                if !pruned.contains(layer) { next += 1 }
            }
        }
        (self.numbers, layerCount) = (numbers, next)
    }

    /// Values of the model's own metadata that have an element for each layer, such as the number of its KV heads, without
    /// those of lost layers. (The reference leaves them, and then refuses to load the file.)
    func prune(_ metadata: inout GGUFMetadata, architecture: String) {
        guard !numbers.isEmpty else { return }
        let kept = numbers.indices.filter { numbers[$0] != nil }
        for entry in metadata.entries where entry.key.utf8.starts(with: "\(architecture).".utf8) {
            guard case .array(let array) = entry.value, array.count == numbers.count,
                let shorter = array.elements(at: kept)
            else { continue }
            metadata[entry.key] = .array(shorter)
        }
    }

    /// A tensor's name in the smaller model; nil if it goes. Names are `blk.N.…`, or have that further inside.
    func name(of name: String) -> String? {
        guard !numbers.isEmpty, let match = name.firstMatch(of: /blk\.([0-9]+)\./), let layer = Int(match.1),
            layer < numbers.count
        else { return name }
        guard let number = numbers[layer] else { return nil }
        return name.replacingCharacters(in: match.1, with: "\(number)")
    }
}

extension String {
    fileprivate func replacingCharacters(in part: Substring, with text: String) -> String {
        String(self[..<part.startIndex]) + text + self[part.endIndex...]
    }
}

extension GGUFArray {
    /// An array of some of the elements; nil for types that no per-layer value has.
    fileprivate func elements(at places: [Int]) -> GGUFArray? {
        func pick<Element: GGUFScalar>(_ elements: [Element]?) -> GGUFArray? {
            elements.map { elements in GGUFArray(places.map { elements[$0] }) }
        }
        switch elementType {
        case .int32: return pick(try? integers(as: Int32.self))
        case .uint32: return pick(try? integers(as: UInt32.self))
        case .float32: return pick(try? floats())
        case .bool: return pick(try? bools())
        default: return nil
        }
    }
}
