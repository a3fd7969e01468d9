/// The parts of a model's name as Hugging Face's users write it: `Qwen/Qwen2.5-Coder-1.5B-Instruct`.
///
/// Follows the reference converter's heuristics (gguf-py, metadata.py, `get_model_id_components`).
package struct ModelIdentifier {
    package private(set) var fullName: String?
    package private(set) var organization: String?
    package private(set) var baseName: String?
    package private(set) var fineTune: String?
    package private(set) var version: String?
    package private(set) var sizeLabel: String?

    private enum Kind { case baseName, size, fineTune, version, type }

    /// `parameters` tells sizes from context lengths; negative for an adapter, 0 if unknown.
    package init(_ identifier: String, parameters: Int) {
        guard !identifier.contains(" ") else {
            fullName = identifier
            return
        }
        let halves = identifier.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = halves.count == 2 ? halves[1] : identifier
        fullName = name
        if halves.count == 2, !halves[0].hasPrefix(".") { organization = halves[0] }

        var parts = name.split(separator: "-").map(String.init)
        var kinds = [Set<Kind>](repeating: [], count: parts.count)
        for index in parts.indices { kinds[index] = Self.classified(&parts[index], index, parameters) }
        dropWordsBesideNumbers(parts, &kinds)
        findBaseName(parts, &kinds)

        func joined(_ kind: Kind, without other: Kind? = nil) -> String? {
            let found = parts.indices.filter { kinds[$0].contains(kind) && !(other.map(kinds[$0].contains) ?? false) }
            return found.isEmpty ? nil : found.map { parts[$0] }.joined(separator: "-")
        }
        fineTune = joined(.fineTune)
        version = joined(.version, without: .baseName)
        var sizes: [String] = []
        for index in parts.indices where kinds[index].contains(.size) && !sizes.contains(parts[index]) {
            sizes.append(parts[index])
        }
        sizeLabel = sizes.isEmpty ? nil : sizes.joined(separator: "-")
        // A name with nothing but a base says too little.
        if sizeLabel != nil || fineTune != nil || version != nil { baseName = joined(.baseName) }
    }

    private static func classified(_ part: inout String, _ index: Int, _ parameters: Int) -> Set<Kind> {
        if part.wholeMatch(of: /(v|iter)?\d+([.]\d+)*/.ignoresCase()) != nil { return [.version] }
        if part.wholeMatch(of: /i?q\d(_\w)*|b?fp?(16|32)/.ignoresCase()) != nil {
            part = part.uppercased()
            return [.type]
        }
        guard index > 0 else { return [] }
        let size = /(([A]|\d+[x])?\d+([._]\d+)?[KMBT][\d]?|small|mini|medium|large|x?xl)/.ignoresCase()
        if part.wholeMatch(of: size) != nil { return sized(&part, parameters) }
        if part.wholeMatch(of: /chat|instruct|vision|lora/.ignoresCase()) != nil {
            return parameters < 0 && part.lowercased() == "lora" ? [.type] : [.fineTune]
        }
        return []
    }

    /// A size in its usual spelling; what is out of proportion to the model is a context length.
    private static func sized(_ part: inout String, _ parameters: Int) -> Set<Kind> {
        part = part.replacing("_", with: ".")
        if let digit = part.last, digit.isNumber {
            let unit = part[part.index(part.endIndex, offsetBy: -2)]
            part = part.dropLast(2) + "." + String(digit) + String(unit)
        }
        if part.count > 1, part.dropLast().last?.isNumber == true {
            part = part.dropLast() + part.suffix(1).uppercased()
        }
        guard parameters != 0, let number = Double(part.dropLast()),
            let power = " KMBT".firstIndex(of: part.last ?? " ").map({
                " KMBT".distance(from: " KMBT".startIndex, to: $0)
            })
        else { return [.size] }
        let label = (0..<power).reduce(number) { size, _ in size * 1000 }
        let isTooSmallForAdapter = parameters < 0 && label < Double(abs(parameters) / 8)
        let isOutOfProportion = parameters > 0 && abs(label - Double(parameters)) > Double(7 * parameters / 8)
        guard isTooSmallForAdapter || isOutOfProportion else { return [.size] }
        part = part.dropLast() + part.suffix(1).lowercased()
        return [.fineTune]
    }

    /// "small" and the like are no sizes where a number says it.
    private func dropWordsBesideNumbers(_ parts: [String], _ kinds: inout [Set<Kind>]) {
        let sizes = parts.indices.filter { kinds[$0].contains(.size) }
        guard sizes.contains(where: { parts[$0].contains(where: \.isNumber) }) else { return }
        for index in sizes where parts[index].allSatisfy(\.isLetter) { kinds[index].remove(.size) }
    }

    private func findBaseName(_ parts: [String], _ kinds: inout [Set<Kind>]) {
        var isAtStart = true
        for index in parts.indices {
            let beginsWithLetter = parts[index].first?.isLetter == true
            if isAtStart, kinds[index].isEmpty && beginsWithLetter || kinds[index].contains(.version) {
                kinds[index].insert(.baseName)
            } else {
                isAtStart = false
                if kinds[index].isEmpty { kinds[index].insert(.fineTune) }
            }
        }
        for index in parts.indices.reversed() {
            guard kinds[index].contains(.baseName), kinds[index].count > 1 else { break }
            kinds[index].remove(.baseName)
        }
    }

    /// A name as a title: `tiny-llama` is `Tiny Llama`; what has capitals or is a version stays (metadata.py,
    /// `id_to_title`).
    package static func title(_ name: String) -> String {
        name.replacing("-", with: " ").split(whereSeparator: \.isWhitespace).map { word in
            let cased = word.filter { $0.isUppercase || $0.isLowercase }
            guard !cased.isEmpty, cased.allSatisfy(\.isLowercase), word.wholeMatch(of: /v\d+(\.\d+)*|\d.*/) == nil
            else { return String(word) }
            var title = ""
            var isInside = false
            for character in word {
                title += isInside ? character.lowercased() : character.uppercased()
                isInside = character.isUppercase || character.isLowercase
            }
            return title
        }.joined(separator: " ")
    }
}
