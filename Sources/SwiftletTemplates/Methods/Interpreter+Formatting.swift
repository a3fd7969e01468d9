import SwiftletGround

/// What stands between `%` or `:` and the kind of a conversion.
struct FormatSpecification {
    var fill: Unicode.Scalar = " "
    var alignment: Unicode.Scalar?
    var sign: Unicode.Scalar = "-"
    var alternate = false
    var groups: Unicode.Scalar?
    var width = 0
    var precision: Int?
    var kind: Unicode.Scalar?
}

extension Interpreter {
    /// Python's `format % values`.
    func percentFormat(
        _ format: String, _ values: [TemplateValue], mapping: TemplateValue?
    ) throws(TemplateError) -> String {
        try charge(steps: format.utf8.count / 4)
        var result = ""
        var literal = String.UnicodeScalarView()
        var scalars = format.unicodeScalars[...]
        var rest = values[...]
        var usesNames = false
        while let scalar = scalars.popFirst() {
            guard scalar == "%" else {
                literal.append(scalar)
                continue
            }
            var named: TemplateValue?
            if scalars.first == "(", let end = scalars.firstIndex(of: ")") {
                let name = String(scalars[scalars.index(after: scalars.startIndex)..<end])
                scalars = scalars[scalars.index(after: end)...]
                guard let mapping else { throw failure(.type, "the format needs a mapping") }
                named = try item(.string(name), of: mapping)
                if case .undefined = named { throw failure(.value, "the mapping lacks a key of the format") }
                usesNames = true
            }
            var specification = FormatSpecification()
            while let flag = scalars.first, "-+ 0#".unicodeScalars.contains(flag) {
                scalars.removeFirst()
                switch flag {
                case "-": specification.alignment = "<"
                case "0": specification.fill = "0"
                case "#": specification.alternate = true
                default: specification.sign = flag
                }
            }
            if specification.fill == "0" { specification.alignment = specification.alignment ?? "=" }
            func star() throws(TemplateError) -> Int {
                scalars.removeFirst()
                guard let value = rest.popFirst()?.asInteger else { throw failure(.type, "* wants an integer") }
                return value
            }
            specification.width = scalars.first == "*" ? try star() : takeNumber(&scalars) ?? 0
            if scalars.first == "." {
                scalars.removeFirst()
                specification.precision = scalars.first == "*" ? try star() : takeNumber(&scalars) ?? 0
            }
            guard let kind = scalars.popFirst() else { throw failure(.value, "the format ends inside a conversion") }
            if kind == "%" {
                literal.append("%")
                continue
            }
            guard let value = named ?? rest.popFirst() else {
                throw failure(.type, "there are not enough arguments for the format")
            }
            result += String(literal)
            literal = String.UnicodeScalarView()
            result += try percentField(value, kind, specification)
        }
        // A mapping need not be used up.
        guard rest.isEmpty || usesNames || mapping != nil else {
            throw failure(.type, "not all arguments are used by the format")
        }
        return result + String(literal)
    }

    private func percentField(
        _ value: TemplateValue, _ kind: Unicode.Scalar, _ given: FormatSpecification
    ) throws(TemplateError) -> String {
        var specification = given
        switch kind {
        case "s", "r", "a":
            if specification.alignment == "=" {
                specification.alignment = ">"
                specification.fill = " "
            }
            specification.alignment = specification.alignment ?? ">"
            return try padded(kind == "s" ? try text(value) : try representation(value), specification)
        case "c":
            if case .string(let text) = value, text.pythonCount == 1 { return try padded(text, specification) }
            return try number(value, "c", specification)
        case "d", "i", "u":
            if case .float(let number) = value, let whole = Int(exactly: number.rounded(.towardZero)) {
                return try self.number(.integer(whole), "d", specification)
            }
            guard value.asInteger != nil else { throw wrongType("%d", value) }
            return try number(value, "d", specification)
        case "x", "X", "o":
            guard value.asInteger != nil else { throw wrongType("%x", value) }
            return try number(value, kind, specification)
        case "e", "E", "f", "F", "g", "G":
            guard value.asDouble != nil else { throw wrongType("a number's format", value) }
            return try number(value, kind, specification)
        default: throw failure(.value, "the format has an unknown conversion")
        }
    }

    private func takeNumber(_ scalars: inout Substring.UnicodeScalarView) -> Int? {
        var value: Int?
        while let digit = scalars.first, digit.isDigit {
            value = min((value ?? 0) * 10 + Int(digit.value - 0x30), Int(Int32.max))
            scalars.removeFirst()
        }
        return value
    }

    /// Cuts to the precision and fills to the width.
    private func padded(_ text: String, _ specification: FormatSpecification) throws(TemplateError) -> String {
        var text = text
        if let precision = specification.precision {
            text = String(scalars: text.unicodeScalars.prefix(max(0, precision)))
        }
        return try filled(text, specification, standard: "<")
    }

    private func filled(
        _ text: String, _ specification: FormatSpecification, standard: Unicode.Scalar
    ) throws(TemplateError) -> String {
        let room = max(0, specification.width - text.pythonCount)
        try charge(bytes: text.utf8.count + 4 * room)
        let fill = { String(repeating: String(specification.fill), count: $0) }
        switch specification.alignment ?? standard {
        case "<": return text + fill(room)
        case "^": return fill(room / 2) + text + fill(room - room / 2)
        case "=":
            let sign = text.hasPrefix("-") || text.hasPrefix("+") || text.hasPrefix(" ") ? 1 : 0
            return String(text.prefix(sign)) + fill(room) + text.dropFirst(sign)
        default: return fill(room) + text
        }
    }

    private func number(
        _ value: TemplateValue, _ kind: Unicode.Scalar, _ specification: FormatSpecification
    ) throws(TemplateError) -> String {
        var digits: String
        if let integer = value.asInteger, "dxXobcn".unicodeScalars.contains(kind) {
            let magnitude = integer.magnitude
            switch kind {
            case "x": digits = (specification.alternate ? "0x" : "") + String(magnitude, radix: 16)
            case "X": digits = (specification.alternate ? "0X" : "") + String(magnitude, radix: 16, uppercase: true)
            case "o": digits = (specification.alternate ? "0o" : "") + String(magnitude, radix: 8)
            case "b": digits = (specification.alternate ? "0b" : "") + String(magnitude, radix: 2)
            case "c":
                guard integer >= 0, let scalar = UInt32(exactly: integer).flatMap(Unicode.Scalar.init) else {
                    throw failure(.value, "the number is no character")
                }
                return try filled(String(scalar), specification, standard: "<")
            default: digits = String(magnitude)
            }
            if integer < 0 { digits = "-" + digits }
        } else if let double = value.asDouble {
            guard (specification.precision ?? 0) <= 400 else { throw failure(.limit, "the precision is too large") }
            if kind == "%" {
                digits = Numbers.text(double * 100, kind: "f", precision: specification.precision ?? 6) + "%"
            } else {
                digits = Numbers.text(
                    double, kind: kind, precision: specification.precision ?? 6, alternate: specification.alternate)
            }
        } else {
            throw wrongType("a number's format", value)
        }
        if let mark = specification.groups { digits = grouped(digits, mark, every: kind == "d" ? 3 : 3) }
        if specification.sign != "-", !digits.hasPrefix("-") { digits = String(specification.sign) + digits }
        return try filled(digits, specification, standard: ">")
    }

    private func grouped(_ digits: String, _ mark: Unicode.Scalar, every size: Int) -> String {
        let sign = digits.hasPrefix("-") ? "-" : ""
        let body = digits.dropFirst(sign.count)
        let whole = body.prefix { $0.isNumber }
        var result = ""
        for (index, digit) in whole.enumerated() {
            if index > 0, (whole.count - index) % size == 0 { result.unicodeScalars.append(mark) }
            result.append(digit)
        }
        return sign + result + body.dropFirst(whole.count)
    }

    /// Python's `"{} {name.attribute[key]!r:>8}".format(…)`.
    func braceFormat(_ format: String, _ arguments: CallArguments) throws(TemplateError) -> String {
        try charge(steps: format.utf8.count / 4)
        var result = ""
        var literal = String.UnicodeScalarView()
        var scalars = format.unicodeScalars[...]
        var automatic = 0
        while let scalar = scalars.popFirst() {
            if scalar == "{" || scalar == "}" {
                if scalars.first == scalar {
                    scalars.removeFirst()
                    literal.append(scalar)
                    continue
                }
                guard scalar == "{", let end = scalars.firstIndex(of: "}") else {
                    throw failure(.value, "the format has a single '\(scalar)'")
                }
                var field = scalars[..<end]
                scalars = scalars[scalars.index(after: end)...]
                guard !field.contains("{") else {
                    throw failure(.unsupported, "fields inside fields of a format are not supported")
                }
                result += String(literal)
                literal = String.UnicodeScalarView()
                let path = field.prefix { $0 != "!" && $0 != ":" }
                field = field.dropFirst(path.count)
                var value = try formatField(path, arguments, &automatic)
                if field.popFirst(where: "!"), let conversion = field.popFirst() {
                    value = .string(conversion == "s" ? try text(value) : try representation(value))
                }
                _ = field.popFirst(where: ":")
                result += try formatted(value, field)
            } else {
                literal.append(scalar)
            }
        }
        return result + String(literal)
    }

    private func formatField(
        _ path: Substring.UnicodeScalarView, _ arguments: CallArguments, _ automatic: inout Int
    ) throws(TemplateError) -> TemplateValue {
        let first = String(path.prefix { $0 != "." && $0 != "[" })
        var rest = path.dropFirst(first.unicodeScalars.count)
        var value: TemplateValue
        if first.isEmpty || Int(first) != nil {
            let index = Int(first) ?? automatic
            if first.isEmpty { automatic += 1 }
            guard arguments.positional.indices.contains(index) else {
                throw failure(.value, "the format has more fields than arguments")
            }
            value = arguments.positional[index]
        } else {
            guard let keyword = arguments.keywords.last(where: { $0.name == first }) else {
                throw failure(.value, "the format names an argument that is not given")
            }
            value = keyword.value
        }
        while let mark = rest.popFirst() {
            try charge()
            if mark == "." {
                let name = String(rest.prefix { $0 != "." && $0 != "[" })
                rest = rest.dropFirst(name.unicodeScalars.count)
                value = try attribute(name, of: value)
            } else {
                let name = String(rest.prefix { $0 != "]" })
                rest = rest.dropFirst(name.unicodeScalars.count + 1)
                value = try item(Int(name).map { .integer($0) } ?? .string(name), of: value)
            }
            if case .undefined(let reason) = value { throw undefined(reason) }
        }
        return value
    }

    private func formatted(
        _ value: TemplateValue, _ field: Substring.UnicodeScalarView
    ) throws(TemplateError) -> String {
        var scalars = field
        var specification = FormatSpecification()
        let alignments: [Unicode.Scalar] = ["<", ">", "^", "="]
        if let second = scalars.dropFirst().first, alignments.contains(second), let fill = scalars.popFirst() {
            specification.fill = fill
        }
        if let alignment = scalars.first, alignments.contains(alignment) {
            specification.alignment = alignment
            scalars.removeFirst()
        }
        if let sign = scalars.first, sign == "+" || sign == "-" || sign == " " {
            specification.sign = sign
            scalars.removeFirst()
        }
        specification.alternate = scalars.popFirst(where: "#")
        if scalars.popFirst(where: "0"), specification.alignment == nil {
            specification.fill = "0"
            specification.alignment = "="
        }
        specification.width = takeNumber(&scalars) ?? 0
        if let mark = scalars.first, mark == "," || mark == "_" {
            specification.groups = mark
            scalars.removeFirst()
        }
        if scalars.popFirst(where: ".") { specification.precision = takeNumber(&scalars) }
        let kind = scalars.popFirst()
        guard scalars.isEmpty else { throw failure(.value, "the format specification is invalid") }
        switch (value, kind) {
        case (.string(let text), nil), (.string(let text), "s"): return try padded(text, specification)
        case (.integer, nil): return try number(value, "d", specification)
        case (.integer, let kind?), (.boolean, let kind?), (.float, let kind?):
            guard "bcdoxXneEfFgG%".unicodeScalars.contains(kind) else { break }
            return try number(value, kind == "n" ? "d" : kind, specification)
        case (.float(let double), nil):
            guard specification.precision == nil else { return try number(value, "g", specification) }
            var digits = double.pythonText
            if specification.sign != "-", double >= 0 { digits = String(specification.sign) + digits }
            return try filled(digits, specification, standard: ">")
        case (_, nil) where field.isEmpty: return try text(value)
        case (.boolean, nil): return try number(value, "d", specification)
        default: break
        }
        throw failure(.value, "the format specification does not fit the value")
    }
}

extension Substring.UnicodeScalarView {
    /// Removes the first scalar if it is this one.
    fileprivate mutating func popFirst(where scalar: Unicode.Scalar) -> Bool {
        guard first == scalar else { return false }
        removeFirst()
        return true
    }
}
