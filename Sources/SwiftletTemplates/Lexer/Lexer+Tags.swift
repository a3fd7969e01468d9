extension Lexer {
    /// Reads the inside of `{{ … }}` or `{% … %}` and its end.
    mutating func lexTag(from start: Int, isBlock: Bool) throws(TemplateError) {
        let closer: Unicode.Scalar = isBlock ? "%" : "}"
        var open: [Token.Symbol] = []
        while position < source.count {
            let scalar = source[position]
            if open.isEmpty, let sign = endSign(closer, allowsPlus: isBlock) {
                let end = position
                add(isBlock ? .blockEnd : .variableEnd, at: end)
                position += sign == " " ? 2 : 3
                finishTag(sign: sign, trims: isBlock)
                return
            }
            if scalar.isPythonSpace {
                position += 1
            } else if scalar == "'" || scalar == "\"" {
                let begin = position
                add(.string(try string()), at: begin)
            } else if scalar.isDigit {
                try lexNumber()
            } else if scalar.isWord {
                let begin = position
                while position < source.count, source[position].isWord { position += 1 }
                add(.name(text(begin..<position)), at: begin)
            } else {
                try lexSymbol(&open)
            }
        }
        throw failure("this tag has no end", at: start)
    }

    /// The sign of the tag's end if that stands here (a blank for none).
    private func endSign(_ closer: Unicode.Scalar, allowsPlus: Bool) -> Unicode.Scalar? {
        func closes(at index: Int) -> Bool {
            index + 1 < source.count && source[index] == closer && source[index + 1] == "}"
        }
        let scalar = source[position]
        if scalar == "-" || (scalar == "+" && allowsPlus) { return closes(at: position + 1) ? scalar : nil }
        return closes(at: position) ? " " : nil
    }

    private mutating func lexSymbol(_ open: inout [Token.Symbol]) throws(TemplateError) {
        let begin = position
        let pair = String(text(position..<min(position + 2, source.count)))
        guard let symbol = Token.Symbol(rawValue: pair) ?? Token.Symbol(rawValue: String(source[position])) else {
            throw failure("this character means nothing here", at: position)
        }
        position += symbol.rawValue.utf8.count
        switch symbol {
        case .leftBrace, .leftBracket, .leftParenthesis: open.append(symbol)
        case .rightBrace, .rightBracket, .rightParenthesis:
            let opener: Token.Symbol =
                symbol == .rightBrace ? .leftBrace : symbol == .rightBracket ? .leftBracket : .leftParenthesis
            guard open.popLast() == opener else {
                throw failure("'\(symbol.rawValue)' closes nothing", at: begin)
            }
        default: break
        }
        add(.symbol(symbol), at: begin)
    }

    private mutating func lexNumber() throws(TemplateError) {
        let begin = position
        if source[position] == "0", position + 1 < source.count,
            let radix = [("x" as Unicode.Scalar): 16, "o": 8, "b": 2][source[position + 1].lowered]
        {
            var digits = ""
            var index = position + 2
            while index < source.count, source[index] == "_" || source[index].hexadecimal.map({ $0 < radix }) == true {
                if source[index] != "_" { digits.unicodeScalars.append(source[index]) }
                index += 1
            }
            if !digits.isEmpty {
                guard let value = Int(digits, radix: radix) else {
                    throw failure("this number is too large", at: begin)
                }
                position = index
                return add(.integer(value), at: begin)
            }
        }
        var end = digitsEnd(from: position)
        var isFloat = false
        // After a dot stands an element's number (`row.0.1`), never a fraction.
        if begin == 0 || source[begin - 1] != "." {
            if end + 1 < source.count, source[end] == ".", source[end + 1].isDigit {
                end = digitsEnd(from: end + 1)
                isFloat = true
            }
            if end < source.count, source[end].lowered == "e" {
                var exponent = end + 1
                if exponent < source.count, source[exponent] == "+" || source[exponent] == "-" { exponent += 1 }
                if exponent < source.count, source[exponent].isDigit {
                    end = digitsEnd(from: exponent)
                    isFloat = true
                }
            }
        }
        if !isFloat, source[begin] == "0" {
            end = begin
            while end < source.count, source[end] == "0" { end += 1 }
        }
        let digits = text(begin..<end).filter { $0 != "_" }
        position = end
        if isFloat, let value = Double(digits) {
            add(.float(value), at: begin)
        } else if !isFloat, let value = Int(digits) {
            add(.integer(value), at: begin)
        } else {
            throw failure("this number is too large", at: begin)
        }
    }

    private func digitsEnd(from start: Int) -> Int {
        var index = start
        while index < source.count {
            if source[index].isDigit {
                index += 1
            } else if source[index] == "_", index + 1 < source.count, source[index + 1].isDigit {
                index += 2
            } else {
                break
            }
        }
        return index
    }

    /// A string literal with Python's escapes.
    private mutating func string() throws(TemplateError) -> String {
        let begin = position
        let quote = source[position]
        var result = String.UnicodeScalarView()
        position += 1
        while position < source.count {
            let scalar = source[position]
            position += 1
            if scalar == quote { return String(result) }
            guard scalar == "\\" else {
                result.append(scalar)
                continue
            }
            guard position < source.count else { break }
            try escape(into: &result)
        }
        throw failure("this string has no end", at: begin)
    }

    private mutating func escape(into text: inout String.UnicodeScalarView) throws(TemplateError) {
        let begin = position - 1
        let kind = source[position]
        position += 1
        switch kind {
        case "\n": break
        case "\\", "'", "\"": text.append(kind)
        case "a": text.append("\u{07}")
        case "b": text.append("\u{08}")
        case "f": text.append("\u{0C}")
        case "n": text.append("\n")
        case "r": text.append("\r")
        case "t": text.append("\t")
        case "v": text.append("\u{0B}")
        case "0"..."7":
            position -= 1
            text.append(try escaped(digits: 1...3, radix: 8, from: begin))
        case "x": text.append(try escaped(digits: 2...2, radix: 16, from: begin))
        case "u": text.append(try escaped(digits: 4...4, radix: 16, from: begin))
        case "U": text.append(try escaped(digits: 8...8, radix: 16, from: begin))
        case "N": throw failure("escapes by a character's name are not supported", at: begin)
        default:
            text.append("\\")
            text.append(kind)
        }
    }

    private mutating func escaped(
        digits: ClosedRange<Int>, radix: Int, from begin: Int
    ) throws(TemplateError) -> Unicode.Scalar {
        var code: UInt32 = 0
        var count = 0
        while count < digits.upperBound, position < source.count, let digit = source[position].hexadecimal,
            digit < radix
        {
            code = code &* UInt32(radix) &+ UInt32(digit)
            position += 1
            count += 1
        }
        guard count >= digits.lowerBound, let scalar = Unicode.Scalar(code) else {
            throw failure("this escape is no character", at: begin)
        }
        return scalar
    }
}
