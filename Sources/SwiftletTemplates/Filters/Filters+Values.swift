import SwiftletGround

extension Filters {
    private static let standard: Filter = { (run, value, arguments) throws(TemplateError) in
        let bound = try run.bind(arguments, "default_value", "boolean")
        if value.isUndefined || (bound.flag(1) && !value.isTrue) { return bound[0] ?? .string("") }
        return value
    }

    static let values: [String: Filter] = [
        "default": standard, "d": standard,
        "abs": { (run, value, arguments) throws(TemplateError) in
            _ = try run.bind(arguments)
            if let number = value.asInteger { return number < 0 ? try run.negated(value) : .integer(number) }
            guard case .float(let number) = value else { throw run.wrongType("abs", value) }
            return .float(abs(number))
        },
        "round": { (run, value, arguments) throws(TemplateError) in
            let bound = try run.bind(arguments, "precision", "method")
            let precision = min(max(try bound.integer(0, 0), -400), 400)
            let method = try bound.string(1, "common")
            guard ["common", "ceil", "floor"].contains(method) else {
                throw run.failure(.value, "round knows the methods common, ceil and floor")
            }
            guard let number = value.asDouble else { throw run.wrongType("round", value) }
            if method == "common" {
                if let integer = value.asInteger, precision >= 0 { return .integer(integer) }
                let rounded = Numbers.rounded(number, digits: precision)
                if value.asInteger != nil, let whole = Int(exactly: rounded) { return .integer(whole) }
                return .float(rounded)
            }
            let scale = Numbers.power(10, Double(precision))
            let scaled = (number * scale).rounded(method == "ceil" ? .up : .down)
            guard scaled.isFinite else { throw run.failure(.value, "the number is too large to round") }
            return .float(scaled / scale)
        },
        "int": { (run, value, arguments) throws(TemplateError) in
            let bound = try run.bind(arguments, "default", "base")
            let standard = bound[0] ?? .integer(0)
            let base = try bound.integer(1, 10)
            switch value {
            case .integer: return value
            case .boolean(let flag): return .integer(flag ? 1 : 0)
            case .float(let number): return whole(number) ?? standard
            case .string(let text):
                try run.charge(bytes: 2 * text.utf8.count)
                if let number = Numbers.integer(text, radix: base) { return .integer(number) }
                return Numbers.double(text).flatMap(whole) ?? standard
            case .undefined(let reason): throw run.undefined(reason)
            default: return standard
            }
        },
        "float": { (run, value, arguments) throws(TemplateError) in
            let standard = try run.bind(arguments, "default")[0] ?? .float(0)
            switch value {
            case .string(let text):
                try run.charge(bytes: 2 * text.utf8.count)
                return Numbers.double(text).map { .float($0) } ?? standard
            case .undefined(let reason): throw run.undefined(reason)
            default: return value.asDouble.map { .float($0) } ?? standard
            }
        },
        "tojson": { (run, value, arguments) throws(TemplateError) in
            let bound = try run.bind(arguments, "ensure_ascii", "indent", "separators", "sort_keys")
            var style = JSONStyle.python
            style.writesNonFinite = true
            style.escapesNonASCII = bound.flag(0)
            style.sortsKeys = bound.flag(3)
            if bound.given(1) != nil {
                style.indent = min(max(0, try bound.integer(1, 0)), 1 << 20)
                style.itemSeparator = ","
            }
            if let separators = bound.given(2) {
                let parts = try run.elements(of: separators)
                guard parts.count == 2, case .string(let item) = parts[0], case .string(let key) = parts[1],
                    item.utf8.count + key.utf8.count <= 16
                else { throw run.failure(.type, "separators are two short strings") }
                style.itemSeparator = item
                style.keySeparator = key
            }
            return .string(try run.json(value, style: style))
        },
        "attr": { (run, value, arguments) throws(TemplateError) in
            guard case .string(let name) = try run.bind(arguments, "name").required(0) else {
                throw run.failure(.type, "the name of an attribute is a string")
            }
            if case .dictionary = value, !["items", "keys", "values", "get", "copy"].contains(name) {
                return .undefined(.element)
            }
            return try run.attribute(name, of: value)
        },
        "filesizeformat": { (run, value, arguments) throws(TemplateError) in
            let isBinary = try run.bind(arguments, "binary").flag(0)
            var bytes: Double?
            if case .string(let text) = value { bytes = Numbers.double(text) } else { bytes = value.asDouble }
            guard let bytes, bytes.isFinite else { throw run.wrongType("filesizeformat", value) }
            let base: Double = isBinary ? 1024 : 1000
            if bytes == 1 { return .string("1 Byte") }
            if bytes < base { return .string("\(Int(bytes)) Bytes") }
            var unit = base
            var result = ""
            for prefix in isBinary
                ? ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"] : ["k", "M", "G", "T", "P", "E", "Z", "Y"]
            {
                unit *= base
                result = Numbers.text(base * bytes / unit, kind: "f", precision: 1) + " \(prefix)B"
                if bytes < unit { break }
            }
            return try run.string(result)
        },
        "pprint": { (run, value, arguments) throws(TemplateError) in
            _ = try run.bind(arguments, "verbose")
            return .string(try run.representation(value))
        },
    ]

    private static func whole(_ number: Double) -> TemplateValue? {
        Int(exactly: number.rounded(.towardZero)).map { .integer($0) }
    }
}
