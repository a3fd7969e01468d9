extension RequestProblem {
    /// The problem as OpenAI tells it.
    package var openAIMessage: String {
        let name = path.bracketed
        switch kind {
        case .missing: return "Missing required parameter: '\(name)'."
        case .type(let expected, let found):
            return "Invalid type for '\(name)': expected \(expected.noun), but got \(found.noun) instead."
        case .below(let limit, let found, let isInteger):
            return
                "Invalid '\(name)': \(number(isInteger)) below minimum value. "
                + "Expected a value >= \(limit), but got \(found) instead."
        case .above(let limit, let found, let isInteger):
            return
                "Invalid '\(name)': \(number(isInteger)) above maximum value. "
                + "Expected a value <= \(limit), but got \(found) instead."
        case .choice(let found, let allowed):
            let list = allowed.map { "'\($0)'" }.joined(separator: ", ")
            return "Invalid value: '\(found.prefix(80))'. Supported values are: \(list)."
        case .other(let text): return name.isEmpty ? "\(text)." : "Invalid '\(name)': \(text)."
        }
    }

    /// OpenAI's `code`; nil where it has none.
    package var openAICode: String? {
        switch kind {
        case .missing: "missing_required_parameter"
        case .type: "invalid_type"
        case .below(_, _, let isInteger): number(isInteger) + "_below_min_value"
        case .above(_, _, let isInteger): number(isInteger) + "_above_max_value"
        case .choice: "invalid_value"
        case .other: nil
        }
    }

    private func number(_ isInteger: Bool) -> String { isInteger ? "integer" : "decimal" }

    /// The problem as Anthropic tells it.
    package var anthropicMessage: String {
        let name = path.steps.isEmpty ? "body" : path.dotted
        switch kind {
        case .missing: return "\(name): Field required"
        case .type(let expected, _): return "\(name): Input should be a valid \(expected.word)"
        case .below(let limit, _, _): return "\(name): Input should be greater than or equal to \(limit)"
        case .above(let limit, _, _): return "\(name): Input should be less than or equal to \(limit)"
        case .choice(_, let allowed):
            return "\(name): Input should be \(allowed.map { "'\($0)'" }.joined(separator: " or "))"
        case .other(let text): return "\(name): \(text)"
        }
    }

    /// The problem as llama-server tells it.
    package var llamaMessage: String {
        let name = path.bracketed
        switch kind {
        case .missing: return "\"\(name)\" is required"
        case .type(let expected, let found):
            return "Field '\(name)': type must be \(expected.word), but is \(found.word)"
        case .below(let limit, let found, _): return "Field '\(name)': Value must be >= \(limit), but got \(found)"
        case .above(let limit, let found, _): return "Field '\(name)': Value must be <= \(limit), but got \(found)"
        case .choice(let found, let allowed):
            return "Field '\(name)': must be one of \(allowed.joined(separator: ", ")), but got: \(found.prefix(80))"
        case .other(let text): return name.isEmpty ? text : "Field '\(name)': \(text)"
        }
    }
}

extension JSONKind {
    /// OpenAI's words.
    fileprivate var noun: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer: "an integer"
        case .number: "a decimal"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    fileprivate var word: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .integer: "integer"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
