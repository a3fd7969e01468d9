import SwiftletGround

extension SchemaCompiler {
    /// Arrays: a tuple's items in their order, then any number of others.
    mutating func array(_ schema: PlainSchema) throws(GrammarError) -> Expression {
        guard schema.spokenOf.contains(.array) else { return json.array() }
        if schema.uniqueItems, schema.maxItems.map({ $0 > 1 }) ?? true {
            throw Self.unsupported(schema.pointer + "/uniqueItems")
        }
        let space = json.space
        let comma = Expression.all([.text(","), space])
        let tuple = schema.prefixItems.count
        // Like an object's members, items that a tuple does not name come only if they must or the schema speaks of them.
        let usual: JSONValue? = tuple > 0 && schema.minItems <= tuple ? nil : .bool(true)
        var rest = Expression.empty
        let asked = schema.items ?? usual
        let least = max(0, schema.minItems - tuple)
        let most = schema.maxItems.map { $0 - tuple }
        if let asked, most.map({ $0 > 0 }) ?? true {
            let item = try value(asked, at: schema.pointer + "/items")
            if let most, most < least { return .nothing }
            if tuple > 0 {
                rest = .times(.all([comma, item]), least, most)
            } else {
                let some = Expression.all([
                    item, .times(.all([comma, item]), max(0, least - 1), most.map { $0 - 1 }), space,
                ])
                return .all([
                    .text("["), least > 0 ? .all([space, some]) : .all([space, .optional(some)]), .text("]"),
                ])
            }
        } else if least > 0 {
            return .nothing
        }
        if tuple == 0 { return .all([.text("["), space, .text("]")]) }
        // From the last item to the first: each item and what follows it, or the end if enough are there.
        var tail = json.add("\(schema.pointer) rest", .all([rest, space, .text("]")]))
        for place in schema.prefixItems.indices.reversed() {
            let item = try value(schema.prefixItems[place], at: "\(schema.pointer)/prefixItems/\(place)")
            let isFull = schema.maxItems.map { place >= $0 } ?? false
            let with = isFull ? Expression.nothing : .all([place > 0 ? comma : .empty, item, tail])
            let end = place > 0 ? Expression.all([space, .text("]")]) : .text("]")
            tail = json.add("\(schema.pointer) rest", place >= schema.minItems ? .any([with, end]) : with)
        }
        return .all([.text("["), space, tail])
    }
}
