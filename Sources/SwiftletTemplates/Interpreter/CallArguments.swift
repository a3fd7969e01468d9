/// The values of a call's arguments.
struct CallArguments {
    var positional: [TemplateValue] = []
    var keywords: [(name: String, value: TemplateValue)] = []
}

/// Arguments by the names of a function's parameters.
struct BoundArguments {
    let values: [TemplateValue?]
    let interpreter: Interpreter

    subscript(index: Int) -> TemplateValue? { values[index] }

    /// The argument if it was given and is not none.
    func given(_ index: Int) -> TemplateValue? {
        if case .null? = values[index] { return nil }
        return values[index]
    }

    func required(_ index: Int) throws(TemplateError) -> TemplateValue {
        guard let value = values[index] else { throw interpreter.failure(.type, "an argument is missing") }
        return value
    }

    func integer(_ index: Int, _ standard: Int) throws(TemplateError) -> Int {
        guard let value = values[index] else { return standard }
        guard let number = value.asInteger else { throw interpreter.wrongType("this argument", value) }
        return number
    }

    func string(_ index: Int, _ standard: String) throws(TemplateError) -> String {
        guard let value = values[index] else { return standard }
        guard case .string(let text) = value else { throw interpreter.wrongType("this argument", value) }
        return text
    }

    func flag(_ index: Int, _ standard: Bool = false) -> Bool { values[index]?.isTrue ?? standard }
}

extension Interpreter {
    /// Puts arguments to parameters; throws when there are too many or one has an unknown name.
    func bind(_ arguments: CallArguments, _ parameters: String...) throws(TemplateError) -> BoundArguments {
        guard arguments.positional.count <= parameters.count else {
            throw failure(.type, "at most \(parameters.count) arguments are taken, not \(arguments.positional.count)")
        }
        var values: [TemplateValue?] = arguments.positional
        values += Array(repeating: nil, count: parameters.count - values.count)
        for (name, value) in arguments.keywords {
            guard let index = parameters.firstIndex(of: name), !values[index].isPresent else {
                throw failure(.type, "there is no argument '\(name)', or it is given twice")
            }
            values[index] = value
        }
        return BoundArguments(values: values, interpreter: self)
    }
}

extension TemplateValue? {
    fileprivate var isPresent: Bool {
        if case .some = self { true } else { false }
    }
}
