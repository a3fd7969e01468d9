import SwiftletGround

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
