import SwiftletGround

/// One render of a template: walks its statements and counts what they use up.
final class Interpreter {
    let template: ParsedTemplate
    let limits: TemplateLimits
    let now: TemplateTime?
    /// The caller's variables and the globals, by the numbers of the template's names.
    var context: [TemplateValue?]
    var scope = Scope(parent: nil)
    var output = ""
    /// Where the render is, for error texts.
    var position = Position(0)
    private var depth = 0
    private var steps = 0
    private var madeBytes = 0
    private var outputBytes = 0
    private var stack = StackBound()
    /// Scopes and namespaces that may be part of a reference cycle; emptied at the end, one by one.
    var capturedScopes: [Scope] = []
    var namespaces: [TemplateNamespace] = []

    init(_ template: ParsedTemplate, variables: JSONObject, limits: TemplateLimits, now: TemplateTime?)
        throws(TemplateError)
    {
        self.template = template
        self.limits = limits
        self.now = now
        context = Array(repeating: nil, count: template.names.count)
        for (id, name) in template.names.enumerated() {
            if let value = variables[name] {
                context[id] = try convert(value)
            } else if Globals.names.contains(name) {
                context[id] = .function(TemplateFunction(.global(name)))
            }
        }
    }

    func render() throws(TemplateError) -> String {
        stack = StackBound()
        // Emptying them in order keeps long chains from being released recursively.
        defer {
            for scope in capturedScopes { scope.clear() }
            for namespace in namespaces { namespace.attributes = .empty }
        }
        _ = try run(template.body)
        return output
    }

    // MARK: What a render uses up

    func charge(steps count: Int = 1) throws(TemplateError) {
        steps &+= max(0, count)
        if steps > limits.steps || steps < 0 {
            throw failure(.limit, "the template takes more than \(limits.steps) steps")
        }
    }

    /// Counts bytes about to be made; strings cost steps too, so that copying cannot outlast the steps.
    func charge(bytes count: Int) throws(TemplateError) {
        let (sum, overflow) = madeBytes.addingReportingOverflow(max(0, count))
        madeBytes = sum
        guard !overflow, sum <= limits.madeBytes else {
            throw failure(.limit, "the template makes more than \(limits.madeBytes) bytes of text and lists")
        }
        try charge(steps: count / 256)
    }

    func charge(elements count: Int) throws(TemplateError) {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: 32)
        try charge(bytes: overflow ? .max : bytes)
        try charge(steps: count)
    }

    func enter() throws(TemplateError) {
        depth += 1
        steps += 1
        if depth > limits.runDepth || stack.isReached {
            throw failure(.limit, "the template nests macros and expressions too deep")
        }
        if steps > limits.steps { try charge(steps: 0) }
    }

    func leave() {
        depth -= 1
    }

    func write(_ text: String) throws(TemplateError) {
        outputBytes += text.utf8.count
        guard outputBytes <= limits.outputBytes else {
            throw failure(.limit, "the template writes more than \(limits.outputBytes) bytes")
        }
        output += text
    }

    /// What the body writes, as a string instead of output.
    func captured(_ body: () throws(TemplateError) -> Void) throws(TemplateError) -> String {
        let outer = output
        output = ""
        defer { output = outer }
        try body()
        try charge(bytes: output.utf8.count)
        return output
    }

    func failure(_ code: TemplateError.Code, _ problem: String) -> TemplateError {
        TemplateError(code, problem, at: position.place(in: template.source))
    }

    // MARK: Making values

    func string(_ text: String) throws(TemplateError) -> TemplateValue {
        try charge(bytes: text.utf8.count)
        return .string(text)
    }

    func bounded(_ value: TemplateValue) throws(TemplateError) -> TemplateValue {
        guard value.depth <= limits.valueDepth else {
            throw failure(.limit, "lists and dictionaries are nested deeper than \(limits.valueDepth)")
        }
        return value
    }

    func list(_ elements: [TemplateValue]) throws(TemplateError) -> TemplateValue {
        try charge(elements: elements.count)
        return try bounded(.list(TemplateList(elements)))
    }

    func tuple(_ elements: [TemplateValue]) throws(TemplateError) -> TemplateValue {
        try charge(elements: elements.count)
        return try bounded(.tuple(TemplateList(elements)))
    }

    func sequence(_ kind: TemplateSequence.Kind, _ elements: [TemplateValue]) throws(TemplateError) -> TemplateValue {
        try charge(elements: elements.count)
        return try bounded(.sequence(TemplateSequence(kind, elements)))
    }

    func dictionary(_ builder: TemplateDictionaryBuilder) throws(TemplateError) -> TemplateValue {
        try charge(elements: 3 * builder.entries.count)
        return try bounded(.dictionary(builder.make()))
    }

    /// The value of JSON that the caller gave; its text is not counted as made.
    private func convert(_ value: JSONValue, depth: Int = 0) throws(TemplateError) -> TemplateValue {
        guard depth <= limits.valueDepth else {
            throw TemplateError(.limit, "the variables are nested deeper than \(limits.valueDepth)")
        }
        switch value {
        case .null: return .null
        case .bool(let value): return .boolean(value)
        case .integer(let value): return .integer(Int(value))
        case .number(let value): return .float(value)
        case .string(let value): return .string(value)
        case .array(let values):
            var elements: [TemplateValue] = []
            elements.reserveCapacity(values.count)
            for value in values { elements.append(try convert(value, depth: depth + 1)) }
            return .list(TemplateList(elements))
        case .object(let object):
            var builder = TemplateDictionaryBuilder()
            for member in object.members { builder.set(member.key, try convert(member.value, depth: depth + 1)) }
            return .dictionary(builder.make())
        }
    }
}
