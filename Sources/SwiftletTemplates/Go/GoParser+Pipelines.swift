import SwiftletGround

extension GoParser {
    /// Commands between `|`, with the variables that take the result; ends before the action's end or `)`.
    mutating func pipeline(isRange: Bool = false) throws(TemplateError) -> GoPipe {
        try enter()
        defer { depth -= 1 }
        skipSpace()
        var pipe = GoPipe(place: position)
        if peek == UInt8(ascii: "$") { try declaration(of: &pipe, isRange: isRange) }
        while true {
            let place = position
            let operands = try operands()
            guard !operands.isEmpty else { throw failure("a value is expected here") }
            if !pipe.commands.isEmpty {
                guard case .function = operands[0] else {
                    throw failure("only a function can take the value before '|'", at: place)
                }
            }
            if operands.count == 1, case .constant(.none) = operands[0] {
                throw failure("nil is no command", at: place)
            }
            pipe.commands.append(GoCommand(operands: operands, place: place))
            guard peek == UInt8(ascii: "|") else { return pipe }
            position += 1
        }
    }

    /// `$x :=`, `$x =` or `$x, $y :=` if that stands here.
    private mutating func declaration(of pipe: inout GoPipe, isRange: Bool) throws(TemplateError) {
        let start = position
        var found: [String] = []
        while peek == UInt8(ascii: "$") {
            position += 1
            found.append("$" + word())
            skipSpace()
            if peek == UInt8(ascii: ","), isRange, found.count < 2 {
                position += 1
                skipSpace()
                continue
            }
            break
        }
        if peek == UInt8(ascii: ":"), peek(1) == UInt8(ascii: "=") {
            position += 2
            variables += found
        } else if peek == UInt8(ascii: "=") {
            position += 1
            pipe.assigns = true
            for name in found { try check(variable: name, at: start) }
        } else {
            position = start
            return
        }
        pipe.variables = found
    }

    private mutating func operands() throws(TemplateError) -> [GoOperand] {
        var operands: [GoOperand] = []
        while true {
            skipSpace()
            if peek == nil { throw failure("unclosed action") }
            if isAtClose || peek == UInt8(ascii: "|") || peek == UInt8(ascii: ")") { return operands }
            operands.append(try operand())
            guard let next = peek else { throw failure("unclosed action") }
            guard next.isGoSpace || next == UInt8(ascii: "|") || next == UInt8(ascii: ")") || isAtClose else {
                throw failure("this does not belong into an action")
            }
        }
    }

    private mutating func operand() throws(TemplateError) -> GoOperand {
        let start = position
        switch peek {
        case UInt8(ascii: "("):
            position += 1
            let pipe = try pipeline()
            guard peek == UInt8(ascii: ")") else { throw failure("this parenthesis is not closed", at: start) }
            position += 1
            return .pipe(pipe, fields())
        case UInt8(ascii: "."):
            let fields = fields()
            if !fields.isEmpty { return .field(fields) }
            position += 1
            return .dot
        case UInt8(ascii: "$"):
            position += 1
            let name = "$" + word()
            try check(variable: name, at: start)
            names.insert(name.lowercased())
            return .variable(name, fields())
        default:
            if let constant = try constant() { return constant }
            let name = word()
            switch name {
            case "": throw failure("this does not belong into an action", at: start)
            case "true": return .constant(.bool(true))
            case "false": return .constant(.bool(false))
            case "nil": return .constant(.none)
            default:
                guard GoFunctions.names.contains(name) else {
                    throw failure("there is no function '\(name.prefix(40))'", at: start)
                }
                return .function(name, at: start)
            }
        }
    }

    /// `.A.B.C` as far as it stands here without space.
    private mutating func fields() -> [String] {
        var fields: [String] = []
        while peek == UInt8(ascii: "."), let next = peek(1), next.isGoLetter {
            position += 1
            let field = word()
            names.insert(field.lowercased())
            fields.append(field)
        }
        return fields
    }

    private func check(variable name: String, at place: Int) throws(TemplateError) {
        guard variables.contains(where: { ByteString($0) == ByteString(name) }) else {
            throw failure("there is no variable '\(name.prefix(40))'", at: place)
        }
    }

    /// A string, character or number; nil if none begins here.
    mutating func constant() throws(TemplateError) -> GoOperand? {
        switch peek {
        case UInt8(ascii: "\""): return .constant(.string(try quoted()))
        case UInt8(ascii: "'"):
            let text = try quoted().unicodeScalars
            guard text.count == 1, let scalar = text.first else { throw failure("this is not one character") }
            return .constant(.int(Int(scalar.value)))
        case UInt8(ascii: "`"):
            let start = position + 1
            guard let end = source[start...].firstIndex(of: UInt8(ascii: "`")) else {
                throw failure("this string has no end")
            }
            position = end + 1
            return .constant(.string(String(decoding: source[start..<end], as: UTF8.self)))
        case let byte? where (0x30...0x39).contains(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-"):
            return .constant(try number())
        default: return nil
        }
    }

    private mutating func number() throws(TemplateError) -> GoValue {
        let start = position
        if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { position += 1 }
        while let byte = peek {
            // A sign may follow the exponent's letter.
            let isSign = byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
            let isExponent = position > start && source[position - 1] | 0x20 == UInt8(ascii: "e")
            guard byte.isGoLetter || byte == UInt8(ascii: ".") || isSign && isExponent else { break }
            position += 1
        }
        let text = String(decoding: source[start..<position], as: UTF8.self).filter { $0 != "_" }
        let sign = text.hasPrefix("-") ? -1 : 1
        let digits = text.drop { $0 == "-" || $0 == "+" }.lowercased()
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where digits.hasPrefix(prefix) {
            if let value = Int(digits.dropFirst(2), radix: radix) { return .int(sign * value) }
        }
        if let value = Int(text) { return .int(value) }
        if digits.allSatisfy({ $0.isNumber || ".e+-".contains($0) }), let value = Double(text), value.isFinite {
            return .float(value)
        }
        throw failure("this is no number", at: start)
    }

    /// A string or character in quotes, with Go's escapes.
    private mutating func quoted() throws(TemplateError) -> String {
        let start = position
        let quote = source[position]
        position += 1
        var text: [UInt8] = []
        while let byte = peek, byte != 0x0A {
            position += 1
            if byte == quote { return String(decoding: text, as: UTF8.self) }
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            guard let kind = peek else { break }
            position += 1
            switch kind {
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "a"): text.append(0x07)
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "v"): text.append(0x0B)
            case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"): text.append(kind)
            case UInt8(ascii: "x"): text.append(UInt8(try code(2) & 0xFF))
            case UInt8(ascii: "u"), UInt8(ascii: "U"):
                guard let scalar = Unicode.Scalar(try code(kind == UInt8(ascii: "u") ? 4 : 8)) else {
                    throw failure("this escape is no character", at: start)
                }
                text.append(contentsOf: String(scalar).utf8)
            default: throw failure("there is no such escape", at: position - 1)
            }
        }
        throw failure("this string has no end", at: start)
    }

    private mutating func code(_ digits: Int) throws(TemplateError) -> UInt32 {
        guard source.count - position >= digits else { throw failure("this escape lacks digits") }
        let text = String(decoding: source[position..<position + digits], as: UTF8.self)
        guard text.allSatisfy(\.isHexDigit), let value = UInt32(text, radix: 16) else {
            throw failure("this escape lacks digits")
        }
        position += digits
        return value
    }
}
