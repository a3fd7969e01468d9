extension StringMethods {
    static let pieces: [String: Method] = [
        "split": { (run, text, arguments) throws(TemplateError) in
            let bound = try run.bind(arguments, "sep", "maxsplit")
            return try split(run, text, bound, fromRight: false)
        },
        "rsplit": { (run, text, arguments) throws(TemplateError) in
            let bound = try run.bind(arguments, "sep", "maxsplit")
            return try split(run, text, bound, fromRight: true)
        },
        "splitlines": { (run, text, arguments) throws(TemplateError) in
            let keeps = try run.bind(arguments, "keepends").flag(0)
            try run.charge(bytes: text.utf8.count)
            return try run.list(lines(text, keepingEnds: keeps).map { .string($0) })
        },
        "partition": { (run, text, arguments) throws(TemplateError) in
            try partition(run, text, try run.bind(arguments, "sep"), fromRight: false)
        },
        "rpartition": { (run, text, arguments) throws(TemplateError) in
            try partition(run, text, try run.bind(arguments, "sep"), fromRight: true)
        },
        "replace": { (run, text, arguments) throws(TemplateError) in
            let bound = try run.bind(arguments, "old", "new", "count")
            guard case .string(let old) = try bound.required(0), case .string(let new) = try bound.required(1) else {
                throw run.failure(.type, "replace takes two strings")
            }
            return .string(try run.replaced(text, old, new, limit: try bound.integer(2, -1)))
        },
        "join": { (run, text, arguments) throws(TemplateError) in
            let items = try run.elements(of: try run.bind(arguments, "iterable").required(0))
            var parts: [String] = []
            for item in items {
                guard case .string(let part) = item else { throw run.wrongType("join", item) }
                parts.append(part)
            }
            return .string(try run.joined(parts, separator: text))
        },
        "format": { (run, text, arguments) throws(TemplateError) in
            try run.string(try run.braceFormat(text, arguments))
        },
        "zfill": { (run, text, arguments) throws(TemplateError) in
            let width = try run.bind(arguments, "width").integer(0, 0)
            let count = max(0, min(width, Int(Int32.max)) - text.pythonCount)
            try run.charge(bytes: text.utf8.count + count)
            let isSigned = text.hasPrefix("-") || text.hasPrefix("+")
            let sign = text.unicodeScalars.prefix(isSigned ? 1 : 0)
            return .string(
                String(scalars: sign) + String(repeating: "0", count: count)
                    + String(scalars: text.unicodeScalars.dropFirst(sign.count)))
        },
        "center": padding { ($0 / 2 + ($0 & $1 & 1), $0) }, "ljust": padding { _, _ in (0, 0) },
        "rjust": padding { room, _ in (room, room) },
        "expandtabs": { (run, text, arguments) throws(TemplateError) in
            let size = min(max(try run.bind(arguments, "tabsize").integer(0, 8), 0), 1 << 20)
            var result = String.UnicodeScalarView()
            var column = 0
            for scalar in text.unicodeScalars {
                if scalar == "\t" {
                    let count = size == 0 ? 0 : size - column % size
                    try run.charge(bytes: count)
                    result.append(contentsOf: repeatElement(" ", count: count))
                    column += count
                } else {
                    result.append(scalar)
                    column = scalar == "\n" || scalar == "\r" ? 0 : column + 1
                }
            }
            return try run.string(String(result))
        },
    ]

    /// A method that fills up to a width; `left` says how much of the room goes before the text.
    private static func padding(_ left: @escaping @Sendable (_ room: Int, _ width: Int) -> (Int, Int)) -> Method {
        { (run, text, arguments) throws(TemplateError) in
            let bound = try run.bind(arguments, "width", "fillchar")
            let fill = try bound.string(1, " ")
            guard fill.pythonCount == 1 else { throw run.failure(.type, "the fill must be one character") }
            let width = try bound.integer(0, 0)
            let room = max(0, min(width, Int(Int32.max)) - text.pythonCount)
            try run.charge(bytes: text.utf8.count + room * fill.utf8.count)
            let before = left(room, width).0
            return .string(
                String(repeating: fill, count: before) + text + String(repeating: fill, count: room - before))
        }
    }

    private static func split(
        _ run: Interpreter, _ text: String, _ bound: BoundArguments, fromRight: Bool
    ) throws(TemplateError) -> TemplateValue {
        let given = try bound.integer(1, -1)
        let limit = given < 0 ? Int.max : given
        try run.charge(bytes: text.utf8.count)
        try run.charge(steps: text.utf8.count / 8)
        guard let separator = bound.given(0) else {
            return try run.list(words(text, limit: limit, fromRight: fromRight).map { .string($0) })
        }
        guard case .string(let separator) = separator else { throw run.wrongType("split", separator) }
        guard !separator.isEmpty else { throw run.failure(.value, "the separator is empty") }
        try run.charge(bytes: 8 * separator.utf8.count)
        let bytes = Array(text.utf8)
        let needle = Array(separator.utf8)
        var places: [Int]
        if fromRight {
            places = Bytes.Searcher(needle.reversed()).all(in: bytes.reversed(), limit: limit)
            places = places.reversed().map { bytes.count - $0 - needle.count }
        } else {
            places = Bytes.Searcher(needle).all(in: bytes, limit: limit)
        }
        try run.charge(elements: places.count)
        var parts: [TemplateValue] = []
        var start = 0
        for place in places + [bytes.count] {
            parts.append(.string(String(decoding: bytes[start..<place], as: UTF8.self)))
            start = place + needle.count
        }
        return try run.list(parts)
    }

    /// Words between white space.
    private static func words(_ text: String, limit: Int, fromRight: Bool) -> [String] {
        var rest = text.unicodeScalars[...]
        var words: [String] = []
        func trim() {
            if fromRight {
                while rest.last?.isPythonSpace == true { rest.removeLast() }
            } else {
                while rest.first?.isPythonSpace == true { rest.removeFirst() }
            }
        }
        trim()
        while !rest.isEmpty, words.count < limit {
            if fromRight {
                let start = rest.lastIndex(where: \.isPythonSpace).map { rest.index(after: $0) } ?? rest.startIndex
                words.append(String(rest[start...]))
                rest = rest[..<start]
            } else {
                let end = rest.firstIndex(where: \.isPythonSpace) ?? rest.endIndex
                words.append(String(rest[..<end]))
                rest = rest[end...]
            }
            trim()
        }
        if !rest.isEmpty { words.append(String(rest)) }
        return fromRight ? words.reversed() : words
    }

    /// Lines by Python's rules, which know more ends than a newline.
    static func lines(_ text: String, keepingEnds: Bool) -> [String] {
        var lines: [String] = []
        var line = String.UnicodeScalarView()
        var isOpen = false
        var scalars = text.unicodeScalars[...]
        while let scalar = scalars.popFirst() {
            var end: [Unicode.Scalar] = []
            switch scalar.value {
            case 0x0D:
                end = [scalar]
                if scalars.first == "\n" {
                    end.append("\n")
                    scalars.removeFirst()
                }
            case 0x0A...0x0C, 0x1C...0x1E, 0x85, 0x2028, 0x2029: end = [scalar]
            default: line.append(scalar)
            }
            isOpen = end.isEmpty
            guard !isOpen else { continue }
            if keepingEnds { line.append(contentsOf: end) }
            lines.append(String(line))
            line = String.UnicodeScalarView()
        }
        if isOpen { lines.append(String(line)) }
        return lines
    }

    private static func partition(
        _ run: Interpreter, _ text: String, _ bound: BoundArguments, fromRight: Bool
    ) throws(TemplateError) -> TemplateValue {
        guard case .string(let separator) = try bound.required(0), !separator.isEmpty else {
            throw run.failure(.value, "the separator must be a string and not empty")
        }
        try run.charge(bytes: text.utf8.count + 8 * separator.utf8.count)
        let bytes = Array(text.utf8)
        let needle = Array(separator.utf8)
        let found =
            fromRight
            ? Bytes.find(needle.reversed(), in: bytes.reversed()).map { bytes.count - $0 - needle.count }
            : Bytes.find(needle, in: bytes)
        guard let found else {
            return try run.tuple(
                fromRight ? [.string(""), .string(""), .string(text)] : [.string(text), .string(""), .string("")])
        }
        return try run.tuple([
            .string(String(decoding: bytes[..<found], as: UTF8.self)), .string(separator),
            .string(String(decoding: bytes[(found + needle.count)...], as: UTF8.self)),
        ])
    }
}

extension Interpreter {
    /// `text` with `old` replaced, at most `limit` times unless it is negative.
    func replaced(_ text: String, _ old: String, _ new: String, limit: Int) throws(TemplateError) -> String {
        let most = limit < 0 ? Int.max : limit
        try charge(bytes: text.utf8.count + 8 * old.utf8.count)
        try charge(steps: text.utf8.count / 8)
        let bytes = Array(text.utf8)
        let needle = Array(old.utf8)
        let replacement = Array(new.utf8)
        var places: [Int]
        if needle.isEmpty {
            // Python puts the new text before each character and at the end.
            places = Array((bytes.indices.filter { bytes[$0] & 0xC0 != 0x80 } + [bytes.count]).prefix(most))
        } else {
            places = Bytes.Searcher(needle).all(in: bytes, limit: most)
        }
        let (growth, overflow) = places.count.multipliedReportingOverflow(by: replacement.count)
        try charge(elements: places.count / 4)
        try charge(bytes: overflow ? .max : growth)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + growth)
        var start = 0
        for place in places {
            result += bytes[start..<place]
            result += replacement
            start = place + needle.count
        }
        result += bytes[start...]
        return String(decoding: result, as: UTF8.self)
    }

    func joined(_ parts: [String], separator: String) throws(TemplateError) -> String {
        var size = 0
        for part in parts { size += part.utf8.count + separator.utf8.count }
        try charge(bytes: size)
        try charge(steps: parts.count)
        return parts.joined(separator: separator)
    }
}
