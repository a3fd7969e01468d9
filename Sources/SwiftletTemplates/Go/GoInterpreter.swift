import SwiftletGround

/// Runs a parsed Go template on its data, within limits.
struct GoInterpreter {
    enum Flow {
        case goesOn, breaks, continues
    }

    private let templates: [ByteString: [GoNode]]
    let limits: TemplateLimits
    private let source: [UInt8]
    let now: TemplateTime?
    private let bound = StackBound()
    private(set) var output: [UInt8] = []
    private var variables: [(name: ByteString, value: GoValue)] = []
    private var steps = 0
    private var made = 0
    private var depth = 0

    init(_ template: GoTemplate, now: TemplateTime?, limits: TemplateLimits) {
        templates = template.templates
        source = template.bytes
        self.limits = limits
        self.now = now
    }

    /// Runs a list of nodes with this data as dot and `$`, and appends what it writes.
    mutating func run(_ nodes: [GoNode], data: GoValue) throws(TemplateError) {
        let outer = variables
        variables = [(ByteString("$"), data)]
        _ = try walk(nodes, data)
        variables = outer
    }

    private mutating func walk(_ nodes: [GoNode], _ dot: GoValue) throws(TemplateError) -> Flow {
        depth += 1
        defer { depth -= 1 }
        guard depth <= limits.runDepth, !bound.isReached else {
            throw TemplateError(.limit, "templates call each other too deeply")
        }
        let scope = variables.count
        defer { if variables.count > scope { variables.removeLast(variables.count - scope) } }
        for node in nodes {
            try step()
            let flow = try walk(node, dot)
            if flow != .goesOn { return flow }
        }
        return .goesOn
    }

    private mutating func walk(_ node: GoNode, _ dot: GoValue) throws(TemplateError) -> Flow {
        switch node {
        case .text(let bytes): try write(bytes)
        case .action(let pipe):
            let value = try evaluate(pipe, dot)
            if pipe.variables.isEmpty {
                let text = value.text
                try charge(text.utf8.count)
                try write(Array(text.utf8))
            }
        case .branch(let branch): return try walk(branch, dot)
        case .call(let name, let pipe, let place):
            guard let body = templates[ByteString(name)] else {
                throw failure(.undefined, "there is no template of this name", at: place)
            }
            let data = try pipe.map { (pipe) throws(TemplateError) in try evaluate(pipe, dot) } ?? .none
            try run(body, data: data)
        case .breakLoop: return .breaks
        case .continueLoop: return .continues
        }
        return .goesOn
    }

    private mutating func walk(_ branch: GoBranch, _ dot: GoValue) throws(TemplateError) -> Flow {
        let scope = variables.count
        defer { if variables.count > scope { variables.removeLast(variables.count - scope) } }
        if branch.kind == .range { return try loop(branch, dot) }
        let value = try evaluate(branch.pipe, dot)
        guard value.isTrue else { return try walk(branch.otherwise, dot) }
        return try walk(branch.body, branch.kind == .with ? value : dot)
    }

    private mutating func loop(_ branch: GoBranch, _ dot: GoValue) throws(TemplateError) -> Flow {
        // The pipeline's variables are set by the loop, not by the value.
        let value = try evaluate(branch.pipe, dot, assigns: false)
        let names = branch.pipe.variables
        func element(_ index: Int) -> (GoValue, GoValue)? {
            switch value {
            case .list(let elements, _):
                index < elements.count ? (.int(index), elements[elements.startIndex + index]) : nil
            case .map(let map):
                index < map.entries.count ? (.string(map.entries[index].key), map.entries[index].value) : nil
            case .int(let count): index < count ? (.int(index), .int(index)) : nil
            default: nil
            }
        }
        switch value {
        case .list, .map, .none: break
        case .int where names.count < 2: break
        default: throw failure(.type, "range cannot go over a \(value.kind)", at: branch.pipe.place)
        }
        guard element(0) != nil else { return try walk(branch.otherwise, dot) }
        var index = 0
        while let (key, value) = element(index) {
            try step()
            let scope = variables.count
            if !names.isEmpty {
                try set(names[names.count - 1], value, assigns: branch.pipe.assigns, at: branch.pipe.place)
                if names.count > 1 { try set(names[0], key, assigns: branch.pipe.assigns, at: branch.pipe.place) }
            }
            let flow = try walk(branch.body, value)
            if variables.count > scope { variables.removeLast(variables.count - scope) }
            if flow == .breaks { break }
            index += 1
        }
        return .goesOn
    }

    // MARK: pipelines

    mutating func evaluate(_ pipe: GoPipe, _ dot: GoValue, assigns: Bool = true) throws(TemplateError) -> GoValue {
        depth += 1
        defer { depth -= 1 }
        guard depth <= limits.runDepth, !bound.isReached else {
            throw TemplateError(.limit, "values are nested too deeply")
        }
        var value: GoValue?
        for command in pipe.commands { value = try evaluate(command, dot, last: value) }
        let result = value ?? .none
        if assigns {
            for name in pipe.variables { try set(name, result, assigns: pipe.assigns, at: pipe.place) }
        }
        return result
    }

    private mutating func evaluate(
        _ command: GoCommand, _ dot: GoValue, last: GoValue?
    ) throws(TemplateError) -> GoValue {
        if case .function(let name, let place) = command.operands[0] {
            return try call(name, Array(command.operands.dropFirst()), dot, last: last, at: place)
        }
        guard command.operands.count == 1 else {
            throw failure(.type, "only a function takes arguments", at: command.place)
        }
        return try evaluate(command.operands[0], dot, at: command.place)
    }

    mutating func evaluate(_ operand: GoOperand, _ dot: GoValue, at place: Int) throws(TemplateError) -> GoValue {
        try step()
        switch operand {
        case .dot: return dot
        case .constant(let value): return value
        case .field(let fields): return try self.fields(fields, of: dot, at: place)
        case .variable(let name, let fields):
            let name = ByteString(name)
            guard let found = variables.last(where: { $0.name == name }) else {
                throw failure(.undefined, "this variable has no value", at: place)
            }
            return try self.fields(fields, of: found.value, at: place)
        case .function(let name, let place): return try call(name, [], dot, last: nil, at: place)
        case .pipe(let pipe, let fields):
            return try self.fields(fields, of: try evaluate(pipe, dot), at: place)
        }
    }

    /// Fields one after the other; what is missing in a map is nil, and has no fields itself.
    private func fields(_ names: [String], of value: GoValue, at place: Int) throws(TemplateError) -> GoValue {
        var value = value
        for name in names {
            switch value {
            case .map(let map): value = map[name] ?? .none
            case .object(let object):
                guard let field = object[name] else {
                    throw failure(.undefined, "there is no field '\(name.prefix(40))' here", at: place)
                }
                value = field
            default: throw failure(.type, "a \(value.kind) has no field '\(name.prefix(40))'", at: place)
            }
        }
        return value
    }

    private mutating func set(
        _ name: String, _ value: GoValue, assigns: Bool, at place: Int
    ) throws(TemplateError) {
        let name = ByteString(name)
        guard assigns else {
            variables.append((name, value))
            return
        }
        guard let index = variables.lastIndex(where: { $0.name == name }) else {
            throw failure(.undefined, "this variable has no value", at: place)
        }
        variables[index].value = value
    }

    // MARK: limits

    mutating func step(_ count: Int = 1) throws(TemplateError) {
        steps += count
        guard steps <= limits.steps else {
            throw TemplateError(.limit, "the template takes more than \(limits.steps) steps")
        }
    }

    /// Counts bytes that a function makes.
    mutating func charge(_ bytes: Int) throws(TemplateError) {
        made += bytes
        guard made <= limits.madeBytes else {
            throw TemplateError(.limit, "the template makes more than \(limits.madeBytes) bytes")
        }
    }

    private mutating func write(_ bytes: [UInt8]) throws(TemplateError) {
        guard output.count + bytes.count <= limits.outputBytes else {
            throw TemplateError(.limit, "the text is longer than \(limits.outputBytes) bytes")
        }
        output += bytes
    }

    func failure(_ code: TemplateError.Code, _ problem: String, at place: Int) -> TemplateError {
        TemplateError(code, problem, at: GoParser.line(of: place, in: source))
    }
}
