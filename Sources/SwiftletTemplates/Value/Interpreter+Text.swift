import SwiftletGround

extension Interpreter {
    /// Python's `str(value)`; an undefined value is empty.
    func text(_ value: TemplateValue) throws(TemplateError) -> String {
        switch value {
        case .string(let text): return text
        case .undefined(.refused(let name)): throw undefined(.refused(name))
        case .undefined: return ""
        default:
            var text = ""
            try describe(value, into: &text, level: 0)
            return text
        }
    }

    /// Python's `repr(value)`.
    func representation(_ value: TemplateValue) throws(TemplateError) -> String {
        var text = ""
        try describe(value, into: &text, level: 0)
        return text
    }

    private func describe(_ value: TemplateValue, into text: inout String, level: Int) throws(TemplateError) {
        // A namespace may hold itself.
        guard level <= limits.valueDepth else { throw failure(.limit, "a value is nested too deep to print") }
        let before = text.utf8.count
        switch value {
        case .undefined: text += "Undefined"
        case .null: text += "None"
        case .boolean(let flag): text += flag ? "True" : "False"
        case .integer(let value): text += value.description
        case .float(let value): text += value.pythonText
        case .string(let string):
            try charge(steps: string.utf8.count / 16)
            text += Self.quoted(string)
        case .list(let list): return try describe(list.elements, "[", "]", into: &text, level: level)
        case .tuple(let list):
            return try describe(list.elements, "(", list.elements.count == 1 ? ",)" : ")", into: &text, level: level)
        case .dictionary(let dictionary): return try describe(dictionary, into: &text, level: level)
        case .sequence(let sequence):
            switch sequence.kind {
            case .generator: text += "<generator object>"
            case .range:
                let bounds = sequence.elements.elements.compactMap(\.asInteger)
                let start = bounds.first ?? 0
                let step = bounds.count > 1 ? bounds[1] - bounds[0] : 1
                text += "range(\(start), \((bounds.last ?? start - step) + step)"
                text += step == 1 ? ")" : ", \(step))"
            case .keys, .values, .items:
                text += sequence.kind.rawValue
                return try describe(sequence.elements.elements, "([", "])", into: &text, level: level)
            }
        case .namespace(let namespace):
            text += "<Namespace "
            try describe(namespace.attributes, into: &text, level: level + 1)
            text += ">"
            return
        case .loop(let state): text += "<LoopContext \(state.index + 1)/\(state.items.count)>"
        case .function(let function):
            if case .macro(let macro, _) = function.kind {
                text += "<Macro \(Self.quoted(macro.name))>"
            } else {
                text += "<\(function.kind.typeName)>"
            }
        }
        try charge()
        try charge(bytes: text.utf8.count - before)
    }

    private func describe(
        _ elements: [TemplateValue], _ open: String, _ close: String, into text: inout String, level: Int
    ) throws(TemplateError) {
        try charge(bytes: open.utf8.count + close.utf8.count + 2 * elements.count)
        text += open
        for (index, element) in elements.enumerated() {
            if index > 0 { text += ", " }
            try describe(element, into: &text, level: level + 1)
        }
        text += close
    }

    private func describe(
        _ dictionary: TemplateDictionary, into text: inout String, level: Int
    ) throws(TemplateError) {
        try charge(bytes: 2 + 4 * dictionary.entries.count)
        text += "{"
        for (index, entry) in dictionary.entries.enumerated() {
            if index > 0 { text += ", " }
            try describe(entry.key, into: &text, level: level + 1)
            text += ": "
            try describe(entry.value, into: &text, level: level + 1)
        }
        text += "}"
    }

    /// A string as Python quotes it.
    static func quoted(_ string: String) -> String {
        let quote: Unicode.Scalar = string.utf8.contains(0x27) && !string.utf8.contains(0x22) ? "\"" : "'"
        var result = String.UnicodeScalarView()
        result.append(quote)
        for scalar in string.unicodeScalars {
            switch scalar {
            case quote, "\\":
                result.append("\\")
                result.append(scalar)
            case "\n": result.append(contentsOf: "\\n".unicodeScalars)
            case "\r": result.append(contentsOf: "\\r".unicodeScalars)
            case "\t": result.append(contentsOf: "\\t".unicodeScalars)
            default:
                if scalar.isPrintable {
                    result.append(scalar)
                } else {
                    let digits = String(scalar.value, radix: 16)
                    let (mark, width) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
                    let padding = String(repeating: "0", count: width - digits.count)
                    result.append(contentsOf: ("\\" + mark + padding + digits).unicodeScalars)
                }
            }
        }
        result.append(quote)
        return String(result)
    }
}

extension Unicode.Scalar {
    /// What Python's `repr` writes as it is.
    fileprivate var isPrintable: Bool {
        if isASCII { return value >= 0x20 && value < 0x7F }
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default: return true
        }
    }
}
