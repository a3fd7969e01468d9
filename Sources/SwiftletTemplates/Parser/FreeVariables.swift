/// Finds the names that a template reads before it has surely set them itself.
struct FreeVariables {
    private(set) var names: Set<String> = []
    /// Names that are surely set here, by their numbers.
    private var set: Set<Int> = []

    mutating func visit(_ statements: [Statement]) {
        for statement in statements { visit(statement) }
    }

    private mutating func visit(_ statement: Statement) {
        switch statement.node {
        case .text, .breakLoop, .continueLoop, .unsupported: break
        case .output(let values): for value in values { visit(value) }
        case .condition(let branches, let otherwise):
            var after: Set<Int>?
            let before = set
            for branch in branches {
                visit(branch.condition)
                visit(branch.body)
                after = after?.intersection(set) ?? set
                set = before
            }
            visit(otherwise)
            set.formIntersection(after ?? set)
        case .loop(let loop):
            visit(loop.iterable)
            inside { visitor in
                visitor.add(loop.target)
                if let condition = loop.condition { visitor.visit(condition) }
                visitor.visit(loop.body, hiding: ["loop"])
            }
            inside { $0.visit(loop.otherwise) }
        case .set(let target, let value):
            visit(value)
            add(target)
        case .setBlock(let target, let filter, let body):
            inside { $0.visit(body) }
            if let filter { visit(filter) }
            add(target)
        case .macro(let name, let macro):
            set.insert(name.id)
            visit(macro)
        case .call(let call, let macro):
            visit(call)
            visit(macro)
        case .filter(let filter, let body):
            visit(filter)
            inside { $0.visit(body) }
        case .with(let assignments, let body):
            for assignment in assignments { visit(assignment.value) }
            inside { visitor in
                for assignment in assignments { visitor.add(assignment.target) }
                visitor.visit(body)
            }
        case .scope(let body): inside { $0.visit(body) }
        }
    }

    private mutating func visit(_ macro: Macro) {
        inside { visitor in
            for parameter in macro.parameters {
                if let standard = parameter.standard { visitor.visit(standard) }
                visitor.set.insert(parameter.name.id)
            }
            visitor.visit(macro.body, hiding: ["caller", "varargs", "kwargs"])
        }
    }

    private mutating func visit(_ body: [Statement], hiding hidden: Set<String>) {
        let known = names
        visit(body)
        names.subtract(hidden.subtracting(known))
    }

    private mutating func inside(_ body: (inout FreeVariables) -> Void) {
        let before = set
        body(&self)
        set = before
    }

    private mutating func add(_ target: Target) {
        switch target {
        case .name(let name): set.insert(name.id)
        case .tuple(let targets): for target in targets { add(target) }
        case .member(let name, _): read(name)
        }
    }

    private mutating func read(_ name: Name) {
        if !set.contains(name.id) { names.insert(name.text) }
    }

    private mutating func visit(_ expression: Expression) {
        if case .name(let name) = expression.node { read(name) }
        for child in expression.node.children { visit(child) }
    }
}
