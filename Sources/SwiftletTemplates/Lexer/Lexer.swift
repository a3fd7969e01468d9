import SwiftletGround

/// Splits a template's source into tokens, as Jinja2 does with `trim_blocks` and `lstrip_blocks`.
///
/// - `trim_blocks`: the newline right after a block or comment goes; `+%}` keeps it.
/// - `lstrip_blocks`: white space between the start of a line and a block or comment goes; `{%+` keeps it.
/// - `{%-` and `-%}` remove all white space on their side, newlines included.
/// - `\r\n` and `\r` are newlines, and one newline at the very end of the source goes.
struct Lexer {
    let source: [Unicode.Scalar]
    var position = 0
    var tokens: [Token] = []
    /// Whether what was read last ends a line, so that white space after it starts one.
    private var lineStarts = true

    init(_ text: String) {
        source = Self.normalized(text)
    }

    static func normalized(_ text: String) -> [Unicode.Scalar] {
        var scalars: [Unicode.Scalar] = []
        scalars.reserveCapacity(text.utf8.count)
        var afterReturn = false
        for scalar in text.unicodeScalars {
            if scalar == "\r" {
                scalars.append("\n")
            } else if scalar != "\n" || !afterReturn {
                scalars.append(scalar)
            }
            afterReturn = scalar == "\r"
        }
        if scalars.last == "\n" { scalars.removeLast() }
        return scalars
    }

    static func tokens(of source: String) throws(TemplateError) -> (tokens: [Token], source: [Unicode.Scalar]) {
        var lexer = Lexer(source)
        try lexer.run()
        return (lexer.tokens, lexer.source)
    }

    private mutating func run() throws(TemplateError) {
        while let (start, opener) = nextTag() {
            let begin = start + 2
            let sign = begin < source.count ? source[begin] : " "
            let isSigned = sign == "-" || sign == "+"
            addData(upTo: start, sign: sign, strips: opener != "{")
            position = begin + (isSigned ? 1 : 0)
            switch opener {
            case "#": try skipComment(from: start)
            case "{":
                add(.variableBegin, at: start)
                try lexTag(from: start, isBlock: false)
            default:
                if try lexRaw(from: start) { continue }
                add(.blockBegin, at: start)
                try lexTag(from: start, isBlock: true)
            }
        }
        if position < source.count { add(.data(text(position..<source.count)), at: position) }
        add(.end, at: source.count)
    }

    private func nextTag() -> (start: Int, opener: Unicode.Scalar)? {
        var index = position
        while index + 1 < source.count {
            if source[index] == "{" {
                let opener = source[index + 1]
                if opener == "{" || opener == "%" || opener == "#" { return (index, opener) }
            }
            index += 1
        }
        return nil
    }

    /// Adds the text before a tag, without the white space that the tag's sign or `lstrip_blocks` takes away.
    private mutating func addData(upTo end: Int, sign: Unicode.Scalar, strips: Bool) {
        let start = position
        var stop = end
        if sign == "-" {
            while stop > start, source[stop - 1].isPythonSpace { stop -= 1 }
        } else if sign != "+", strips {
            var line = end
            while line > start, source[line - 1] != "\n", source[line - 1].isPythonSpace { line -= 1 }
            if line > start ? source[line - 1] == "\n" : lineStarts { stop = line }
        }
        if stop > start { add(.data(text(start..<stop)), at: start) }
        lineStarts = false
    }

    private mutating func skipComment(from start: Int) throws(TemplateError) {
        let body = position
        while position + 1 < source.count {
            if source[position] == "#", source[position + 1] == "}" {
                // The sign in {#-#} belongs to the opening.
                let sign = position > body ? source[position - 1] : " "
                position += 2
                finishTag(sign: sign, trims: true)
                return
            }
            position += 1
        }
        throw failure("a comment has no end", at: start)
    }

    /// Moves behind the white space that the end of a tag takes away.
    mutating func finishTag(sign: Unicode.Scalar, trims: Bool) {
        let start = position
        if sign == "-" {
            while position < source.count, source[position].isPythonSpace { position += 1 }
        } else if sign != "+", trims, position < source.count, source[position] == "\n" {
            position += 1
        }
        lineStarts = position > start && source[position - 1] == "\n"
    }

    /// Reads `{% raw %} … {% endraw %}` if it stands here, after `{%` and its sign.
    private mutating func lexRaw(from start: Int) throws(TemplateError) -> Bool {
        guard let (end, sign) = keywordTag("raw", at: position), sign != "+" else { return false }
        position = end
        finishTag(sign: sign, trims: false)
        var index = position
        while index + 1 < source.count {
            if source[index] == "{", source[index + 1] == "%" {
                var name = index + 2
                let open = name < source.count ? source[name] : " "
                if open == "-" || open == "+" { name += 1 }
                if let (end, sign) = keywordTag("endraw", at: name) {
                    addData(upTo: index, sign: open, strips: true)
                    position = end
                    finishTag(sign: sign, trims: true)
                    return true
                }
            }
            index += 1
        }
        throw failure("a raw block has no end", at: start)
    }

    /// The end of a tag that holds only this word, and the sign before its `%}`.
    private func keywordTag(_ word: String, at start: Int) -> (end: Int, sign: Unicode.Scalar)? {
        var index = start
        while index < source.count, source[index].isPythonSpace { index += 1 }
        for scalar in word.unicodeScalars {
            guard index < source.count, source[index] == scalar else { return nil }
            index += 1
        }
        while index < source.count, source[index].isPythonSpace { index += 1 }
        var sign: Unicode.Scalar = " "
        if index < source.count, source[index] == "-" || source[index] == "+" {
            sign = source[index]
            index += 1
        }
        guard index + 1 < source.count, source[index] == "%", source[index + 1] == "}" else { return nil }
        return (index + 2, sign)
    }

    mutating func add(_ kind: Token.Kind, at offset: Int) {
        tokens.append(Token(kind: kind, position: Position(offset)))
    }

    func text(_ range: Range<Int>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: source[range])
        return String(text)
    }

    func failure(_ problem: String, at offset: Int) -> TemplateError {
        TemplateError(.syntax, problem, at: Position(offset).place(in: source))
    }
}

extension Position {
    /// "line 3, column 14", both from 1.
    func place(in source: [Unicode.Scalar]) -> String {
        let before = source.prefix(Int(offset))
        let line = before.count { $0 == "\n" } + 1
        let column = before.count - (before.lastIndex(of: "\n").map { $0 + 1 } ?? 0) + 1
        return "line \(line), column \(column)"
    }
}
