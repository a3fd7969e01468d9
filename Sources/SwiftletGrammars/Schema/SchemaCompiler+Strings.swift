import SwiftletGround

extension SchemaCompiler {
    mutating func string(_ schema: PlainSchema) throws(GrammarError) -> Expression {
        if let maximum = schema.maxLength, maximum < schema.minLength { return .nothing }
        if schema.patterns.isEmpty, schema.formats.isEmpty { return json.string(schema.minLength, schema.maxLength) }
        if schema.patterns.count + schema.formats.count == 1, schema.minLength == 0, schema.maxLength == nil {
            return .all([.text("\""), try patterns(schema)[0].expression(.json), .text("\"")])
        }
        return .all([.text("\""), try texts(schema).expression(.json), .text("\"")])
    }

    /// The texts that pattern, format and lengths allow together.
    func texts(_ schema: PlainSchema) throws(GrammarError) -> ScalarAutomaton {
        try Self.within(schema.pointer) { () throws(GrammarError) in
            var result: ScalarAutomaton?
            for pattern in try patterns(schema) {
                let next = try ScalarAutomaton(pattern)
                result = try result.map { one throws(GrammarError) in try one.intersection(next) } ?? next
            }
            guard schema.minLength > 0 || schema.maxLength != nil else { return result ?? .anything }
            let lengths = try ScalarAutomaton.length(schema.minLength, schema.maxLength)
            return try result?.intersection(lengths) ?? lengths
        }
    }

    private func patterns(_ schema: PlainSchema) throws(GrammarError) -> [Pattern] {
        var result: [Pattern] = []
        for text in schema.patterns {
            result.append(
                try Self.within(schema.pointer + "/pattern") { () throws(GrammarError) in
                    try PatternParser.parse(text).whole(anywhere: true)
                })
        }
        for name in schema.formats {
            guard let format = try StringFormats.pattern(name) else {
                throw Self.unsupported(schema.pointer + "/format", "the format \(name)")
            }
            result.append(format)
        }
        return result
    }

    /// The texts in which a pattern is found.
    static func automaton(_ pattern: String, at pointer: String) throws(GrammarError) -> ScalarAutomaton {
        try within(pointer) { () throws(GrammarError) in
            try ScalarAutomaton(PatternParser.parse(pattern).whole(anywhere: true))
        }
    }
}
