extension Filters {
    /// A filter without arguments that changes a string.
    private static func plain(_ change: @escaping @Sendable (String) -> String) -> Filter {
        { (run, value, arguments) throws(TemplateError) in
            _ = try run.bind(arguments)
            let text = try run.text(value)
            try run.charge(bytes: text.utf8.count)
            return try run.string(change(text))
        }
    }

    private static let escape = plain { text in
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "'": result += "&#39;"
            case "\"": result += "&#34;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    static let text: [String: Filter] = [
        "upper": plain { $0.uppercased() },
        "lower": plain { $0.lowercased() },
        "capitalize": plain(StringMethods.capitalized),
        "title": plain(titled),
        "string": plain { $0 }, "safe": plain { $0 }, "e": escape, "escape": escape, "forceescape": escape,
        "trim": { (run, value, arguments) throws(TemplateError) in
            let characters = try run.bind(arguments, "chars").given(0)
            let text = try run.text(value)
            try run.charge(steps: text.utf8.count / 16)
            guard let characters else { return try run.string(StringMethods.stripped(text, true, true, nil)) }
            guard case .string(let set) = characters else { throw run.wrongType("trim", characters) }
            try run.charge(bytes: 8 * set.utf8.count)
            return try run.string(StringMethods.stripped(text, true, true, Set(set.unicodeScalars)))
        },
        "replace": { (run, value, arguments) throws(TemplateError) in
            let bound = try run.bind(arguments, "old", "new", "count")
            let old = try run.text(try bound.required(0))
            let new = try run.text(try bound.required(1))
            let limit = bound.given(2)?.asInteger ?? -1
            return .string(try run.replaced(try run.text(value), old, new, limit: limit))
        },
        "indent": { (run, value, arguments) throws(TemplateError) in try indented(run, value, arguments) },
        "center": { (run, value, arguments) throws(TemplateError) in
            let width = try run.bind(arguments, "width").integer(0, 80)
            guard let method = StringMethods.table["center"] else { return value }
            return try method(run, try run.text(value), CallArguments(positional: [.integer(width)]))
        },
        "format": { (run, value, arguments) throws(TemplateError) in
            let format = try run.text(value)
            if arguments.keywords.isEmpty {
                return try run.string(try run.percentFormat(format, arguments.positional, mapping: nil))
            }
            guard arguments.positional.isEmpty else {
                throw run.failure(.type, "format takes names or places, not both")
            }
            var builder = TemplateDictionaryBuilder()
            for (name, value) in arguments.keywords { builder.set(name, value) }
            let mapping = try run.dictionary(builder)
            return try run.string(try run.percentFormat(format, [mapping], mapping: mapping))
        },
        "truncate": { (run, value, arguments) throws(TemplateError) in
            let bound = try run.bind(arguments, "length", "killwords", "end", "leeway")
            let length = try bound.integer(0, 255)
            let end = try bound.string(2, "...")
            let leeway = bound.given(3)?.asInteger ?? 5
            let text = try run.text(value)
            try run.charge(steps: text.utf8.count / 16)
            guard length >= end.pythonCount, leeway >= 0 else {
                throw run.failure(.value, "truncate needs room for its end, and a leeway of 0 or more")
            }
            if text.pythonCount <= min(length, Int(Int32.max)) + min(leeway, Int(Int32.max)) { return .string(text) }
            let kept = String(scalars: text.unicodeScalars.prefix(length - end.pythonCount))
            if bound.flag(1) { return try run.string(kept + end) }
            let cut = kept.unicodeScalars.lastIndex(of: " ").map { String(kept.unicodeScalars[..<$0]) } ?? kept
            return try run.string(cut + end)
        },
        "wordcount": { (run, value, arguments) throws(TemplateError) in
            _ = try run.bind(arguments)
            let text = try run.text(value)
            try run.charge(steps: text.utf8.count / 8)
            return .integer(text.unicodeScalars.split { !$0.isWord }.count)
        },
        "urlencode": { (run, value, arguments) throws(TemplateError) in
            _ = try run.bind(arguments)
            if case .string(let text) = value { return try run.string(try quoted(run, text, isForm: false)) }
            let items: [TemplateValue]
            if case .dictionary(let dictionary) = value {
                items = try run.pairs(dictionary)
            } else if case .integer = value {
                return try run.string(try run.text(value))
            } else {
                items = try run.elements(of: value)
            }
            var parts: [String] = []
            for item in items {
                let pair = try run.elements(of: item)
                guard pair.count == 2 else { throw run.failure(.value, "a pair is expected") }
                let key = try quoted(run, try run.text(pair[0]), isForm: true)
                parts.append(key + "=" + (try quoted(run, try run.text(pair[1]), isForm: true)))
            }
            return .string(try run.joined(parts, separator: "&"))
        },
        "striptags": plain { text in
            var result = String.UnicodeScalarView()
            var rest = text.unicodeScalars[...]
            while let start = rest.firstIndex(of: "<"), let end = rest[start...].firstIndex(of: ">") {
                result.append(contentsOf: rest[..<start])
                rest = rest[rest.index(after: end)...]
            }
            result.append(contentsOf: rest)
            return result.split(whereSeparator: \.isPythonSpace).map { String($0) }.joined(separator: " ")
        },
        "xmlattr": { (run, value, arguments) throws(TemplateError) in
            let spaced = try run.bind(arguments, "autospace").flag(0, true)
            guard case .dictionary(let dictionary) = value else { throw run.wrongType("xmlattr", value) }
            var result = ""
            for entry in dictionary.entries {
                if entry.value.isUndefined { continue }
                if case .null = entry.value { continue }
                guard case .string(let key) = entry.key,
                    !key.unicodeScalars.contains(where: { " \t\n\r/>=".unicodeScalars.contains($0) })
                else { throw run.failure(.value, "this is no name of an attribute") }
                let parts = [entry.key, entry.value]
                var escaped: [String] = []
                for part in parts { escaped.append(try run.text(try escape(run, part, CallArguments()))) }
                result += (result.isEmpty ? "" : " ") + "\(escaped[0])=\"\(escaped[1])\""
            }
            return try run.string(spaced && !result.isEmpty ? " " + result : result)
        },
    ]

    /// Words begin after white space, hyphens and opening brackets.
    private static func titled(_ text: String) -> String {
        var result = ""
        var startsWord = true
        for scalar in text.unicodeScalars {
            result += startsWord ? scalar.properties.uppercaseMapping : scalar.properties.lowercaseMapping
            startsWord = scalar.isPythonSpace || "-({[<".unicodeScalars.contains(scalar)
        }
        return result
    }

    private static func quoted(_ run: Interpreter, _ text: String, isForm: Bool) throws(TemplateError) -> String {
        try run.charge(bytes: 3 * text.utf8.count)
        var result = ""
        for byte in text.utf8 {
            let scalar = Unicode.Scalar(byte)
            if byte < 0x80, scalar.isWord || "-.~".unicodeScalars.contains(scalar) || (scalar == "/" && !isForm) {
                result.unicodeScalars.append(scalar)
            } else if scalar == " ", isForm {
                result += "+"
            } else {
                result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }

    private static func indented(
        _ run: Interpreter, _ value: TemplateValue, _ arguments: CallArguments
    ) throws(TemplateError) -> TemplateValue {
        let bound = try run.bind(arguments, "width", "first", "blank")
        let indentation: String
        if case .string(let text)? = bound[0] {
            indentation = text
        } else {
            let width = max(0, try bound.integer(0, 4))
            try run.charge(bytes: width)
            indentation = String(repeating: " ", count: width)
        }
        let text = try run.text(value)
        try run.charge(bytes: 2 * text.utf8.count)
        let lines = StringMethods.lines(text + "\n", keepingEnds: false)
        let (growth, overflow) = lines.count.multipliedReportingOverflow(by: indentation.utf8.count + 1)
        try run.charge(bytes: overflow ? .max : growth)
        try run.charge(elements: lines.count)
        var result = bound.flag(1) ? indentation : ""
        let blank = bound.flag(2)
        for (index, line) in lines.enumerated() {
            if index > 0 {
                result += "\n"
                if blank || !line.isEmpty { result += indentation }
            }
            result += line
        }
        return try run.string(result)
    }
}
