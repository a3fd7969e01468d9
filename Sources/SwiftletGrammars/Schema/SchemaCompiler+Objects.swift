import SwiftletGround

extension SchemaCompiler {
    /// A member that an object may have at most once.
    private struct Member {
        let name: String
        let value: Expression
        let isRequired: Bool
    }

    mutating func object(_ schema: PlainSchema) throws(GrammarError) -> Expression {
        let says = PlainSchema.Kinds.object
        guard schema.spokenOf.contains(says) else { return json.object() }
        let patterns = try keyPatterns(schema)
        var members: [Member] = []
        for member in schema.properties {
            var asked = member.value
            for pattern in patterns where pattern.keys.matches(member.key) {
                asked = PlainSchema.both(asked, pattern.value)
            }
            let value = try value(asked, at: "\(schema.pointer)/properties/\(JSONPointer.escaped(member.key))")
            let isRequired = schema.required.contains { ByteString($0) == ByteString(member.key) }
            members.append(Member(name: member.key, value: value, isRequired: isRequired))
        }
        for name in schema.required where schema.properties[name] == nil {
            let asked = patterns.filter { $0.keys.matches(name) }.map(\.value)
            let usual = schema.additionalProperties ?? .bool(true)
            let value = try value(
                asked.isEmpty ? usual : asked.dropFirst().reduce(asked[0]) { PlainSchema.both($0, $1) },
                at: schema.pointer + "/required")
            members.append(Member(name: name, value: value, isRequired: true))
        }
        return try object(schema, members, try others(schema, patterns, members.map(\.name)))
    }

    /// Keys of `patternProperties`, each with its schema.
    private func keyPatterns(_ schema: PlainSchema) throws(GrammarError) -> [(keys: ScalarAutomaton, value: JSONValue)]
    {
        var result: [(keys: ScalarAutomaton, value: JSONValue)] = []
        for member in schema.patternProperties {
            let place = "\(schema.pointer)/patternProperties/\(JSONPointer.escaped(member.key))"
            result.append((try Self.automaton(member.key, at: place), member.value))
        }
        return result
    }

    /// Members whose names the schema does not list, as one expression; nil if there are none.
    private mutating func others(
        _ schema: PlainSchema, _ patterns: [(keys: ScalarAutomaton, value: JSONValue)], _ names: [String]
    ) throws(GrammarError) -> Expression? {
        let isOpen = schema.properties.isEmpty && schema.patternProperties.isEmpty
        let additional = schema.additionalProperties ?? .bool(isOpen)
        if additional == .bool(false), patterns.isEmpty { return nil }
        var free = ScalarAutomaton.anything
        var isAnyKey = true
        if !names.isEmpty {
            let listed = try Self.within(schema.pointer) { () throws(GrammarError) in
                try ScalarAutomaton(.choice(names.map { .text($0) }))
            }
            free = listed.inverted
            isAnyKey = false
        }
        for (place, asked) in schema.propertyNames.enumerated() {
            let keys = try self.keys(asked, at: schema.pointer + "/propertyNames")
            free = try Self.within(schema.pointer) { () throws(GrammarError) in
                place == 0 && isAnyKey ? keys : try free.intersection(keys)
            }
            isAnyKey = false
        }
        var kinds: [Expression] = []
        for (place, pattern) in patterns.enumerated() {
            // Keys that two patterns match are left out.
            var keys = try free.intersection(pattern.keys)
            for (other, next) in patterns.enumerated() where other != place {
                keys = try keys.intersection(next.keys.inverted)
            }
            let value = try value(pattern.value, at: "\(schema.pointer)/patternProperties/\(place)")
            kinds.append(.all([.text("\""), keys.expression(.json), .text("\":"), json.space, value]))
        }
        if additional != .bool(false) {
            let value = try value(additional, at: schema.pointer + "/additionalProperties")
            var key = json.string()
            if !isAnyKey || !patterns.isEmpty {
                for pattern in patterns { free = try free.intersection(pattern.keys.inverted) }
                let keys = json.add("\(schema.pointer) keys", isShared: true, free.expression(.json))
                key = .all([.text("\""), keys, .text("\"")])
            }
            kinds.append(.all([key, .text(":"), json.space, value]))
        }
        return .any(kinds)
    }

    /// The names that `propertyNames` allows.
    private func keys(_ schema: JSONValue, at pointer: String) throws(GrammarError) -> ScalarAutomaton {
        var result: ScalarAutomaton?
        for alternative in try alternatives(schema, at: pointer) where alternative.effectiveKinds.contains(.string) {
            guard result == nil else { throw Self.unsupported(pointer, "propertyNames with alternatives") }
            if let values = alternative.values {
                guard alternative.spokenOf.isEmpty else {
                    throw Self.unsupported(pointer, "enum beside other keywords")
                }
                result = try ScalarAutomaton(.choice(values.compactMap { $0.string.map { .text($0) } }))
            } else {
                result = try texts(alternative)
            }
        }
        return result ?? ScalarAutomaton(states: [.init()])
    }

    /// The members in their order, each once or, if not required, not at all; then the others.
    ///
    /// One rule for each member and count of members before it, as far as counts matter: whether a comma is due, and
    /// `minProperties` and `maxProperties`.
    private mutating func object(
        _ schema: PlainSchema, _ members: [Member], _ others: Expression?
    ) throws(GrammarError) -> Expression {
        let counted = max(1, schema.minProperties, schema.maxProperties ?? 0)
        // Others may repeat a name, so that two of them need not be two members.
        let least = members.filter(\.isRequired).count
        if others != nil, schema.minProperties > max(1, least + 1) {
            throw Self.unsupported(schema.pointer + "/minProperties", "minProperties beside other members")
        }
        let limit = min(counted, members.count + 1)
        guard (members.count + 1) * (limit + 1) <= 100_000 else {
            throw GrammarError(.limit, "the object has too many members", at: schema.pointer)
        }
        let space = json.space
        let pointer = schema.pointer
        // rules[count]: the rest of the object after the members before `place`, `count` of which are there.
        var rest: [Expression] = []
        for count in 0...limit {
            let end = count == 0 ? Expression.text("}") : .all([space, .text("}")])
            let missing = max(0, schema.minProperties - count)
            let room = schema.maxProperties.map { max(0, $0 - count) }
            guard let others, room != 0 else {
                rest.append(missing > 0 ? .nothing : end)
                continue
            }
            let next = Expression.all([.text(","), space, others])
            if count > 0 {
                rest.append(.all([.times(next, missing, room), end]))
            } else {
                let some = Expression.all([
                    others, .times(next, max(0, missing - 1), room.map { $0 - 1 }), space, .text("}"),
                ])
                rest.append(missing > 0 ? some : .any([.text("}"), some]))
            }
        }
        rest = rest.map { json.add("\(pointer) rest", $0) }
        for member in members.reversed() {
            let head = Expression.all([.text(JSONValue.string(member.name).text() + ":"), space, member.value])
            rest = (0...limit).map { count in
                let isFull = schema.maxProperties.map { count >= $0 } ?? false
                let with =
                    isFull
                    ? Expression.nothing
                    : .all([count > 0 ? .all([.text(","), space]) : .empty, head, rest[min(count + 1, limit)]])
                return json.add("\(pointer) rest", member.isRequired ? with : .any([with, rest[count]]))
            }
        }
        return .all([.text("{"), space, rest[0]])
    }

    static func within<T>(_ pointer: String, _ body: () throws(GrammarError) -> T) throws(GrammarError) -> T {
        do { return try body() } catch { throw error.within(pointer) }
    }
}

extension ScalarAutomaton {
    static let anything = ScalarAutomaton(
        states: [State(edges: ScalarSet.all.ranges.map { Edge(range: $0, target: 0) }, isAccepting: true)])
}
