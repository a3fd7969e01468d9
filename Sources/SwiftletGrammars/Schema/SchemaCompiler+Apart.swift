import SwiftletGround

extension SchemaCompiler {
    /// Throws unless each value that one alternative's grammar makes is invalid for all others: `oneOf` means exactly one.
    ///
    /// What tells them apart: kinds of values, `const` and `enum`, a member that one needs and the other never has, or
    /// that has different values in both.
    func checkApart(_ options: [[PlainSchema]], at pointer: String) throws(GrammarError) {
        guard options.count <= 300 else { throw GrammarError(.limit, "more than 300 alternatives", at: pointer) }
        for (place, one) in options.enumerated() {
            for other in options[(place + 1)...] {
                for mine in one {
                    for theirs in other where try !areApart(mine, theirs, depth: 0) {
                        throw GrammarError(
                            .unsupported, "oneOf is not supported for alternatives that may be valid at once",
                            at: pointer, advice: "Use anyOf, or give each alternative a const member of its own.")
                    }
                }
            }
        }
    }

    private func areApart(_ one: PlainSchema, _ other: PlainSchema, depth: Int) throws(GrammarError) -> Bool {
        if let mine = one.values, let theirs = other.values {
            return !mine.contains { value in theirs.contains { $0.isSame(as: value) } }
        }
        let mine =
            one.values.map { $0.reduce(into: PlainSchema.Kinds()) { $0.formUnion($1.kinds) } } ?? one.effectiveKinds
        let theirs =
            other.values.map { $0.reduce(into: PlainSchema.Kinds()) { $0.formUnion($1.kinds) } } ?? other.effectiveKinds
        // A schema without "type" takes values of all other kinds too, though its own grammar makes none of them.
        let takesMine = other.kinds == nil && other.values == nil ? .all : theirs
        let takesTheirs = one.kinds == nil && one.values == nil ? .all : mine
        if mine.isDisjoint(with: takesMine), theirs.isDisjoint(with: takesTheirs) { return true }
        guard depth < 4, mine == .object, theirs == .object else { return false }
        // What one always has, the other always has with another value.
        for name in one.required where other.required.contains(where: { ByteString($0) == ByteString(name) }) {
            guard let first = one.properties[name], let second = other.properties[name] else { continue }
            let left = try alternatives(first, at: one.pointer)
            let right = try alternatives(second, at: other.pointer)
            var isApart = true
            for a in left {
                for b in right where try !areApart(a, b, depth: depth + 1) { isApart = false }
            }
            if isApart { return true }
        }
        return lacks(one, what: other) && lacks(other, what: one)
    }

    /// Whether an object of `one`'s grammar never has a member that `other` requires.
    private func lacks(_ one: PlainSchema, what other: PlainSchema) -> Bool {
        let isOpen = one.properties.isEmpty && one.patternProperties.isEmpty
        let others = one.additionalProperties ?? .bool(isOpen)
        guard others == .bool(false), one.patternProperties.isEmpty else { return false }
        return other.required.contains { name in
            one.properties[name] == nil && !one.required.contains { ByteString($0) == ByteString(name) }
        }
    }
}
