/// Python's methods of strings.
enum StringMethods {
    typealias Method = @Sendable (Interpreter, String, CallArguments) throws(TemplateError) -> TemplateValue

    static let table: [String: Method] = search.merging(cases) { first, _ in first }.merging(pieces) { first, _ in
        first
    }

    /// Methods without arguments that make a string.
    private static func plain(_ change: @escaping @Sendable (String) -> String) -> Method {
        { (run, text, arguments) throws(TemplateError) in
            _ = try run.bind(arguments)
            try run.charge(bytes: text.utf8.count)
            return try run.string(change(text))
        }
    }

    /// Whether a string is not empty and all its scalars are so.
    private static func all(_ isSo: @escaping @Sendable (Unicode.Scalar) -> Bool) -> Method {
        { (run, text, arguments) throws(TemplateError) in
            _ = try run.bind(arguments)
            try run.charge(steps: text.utf8.count / 8)
            return .boolean(!text.isEmpty && text.unicodeScalars.allSatisfy(isSo))
        }
    }

    /// Whether a string has cased letters and all of them are so.
    private static func allCased(_ isSo: @escaping @Sendable (Unicode.Scalar) -> Bool) -> Method {
        { (run, text, arguments) throws(TemplateError) in
            _ = try run.bind(arguments)
            try run.charge(steps: text.utf8.count / 8)
            let cased = text.unicodeScalars.filter { $0.properties.isCased }
            return .boolean(!cased.isEmpty && cased.allSatisfy(isSo))
        }
    }

    private static let cases: [String: Method] = [
        "upper": plain { $0.uppercased() },
        "lower": plain { $0.lowercased() },
        "casefold": plain { $0.lowercased() },
        "title": plain(titled),
        "capitalize": plain(capitalized),
        "swapcase": plain { text in
            var result = ""
            for scalar in text.unicodeScalars {
                result +=
                    scalar.properties.isUppercase
                    ? scalar.properties.lowercaseMapping : scalar.properties.uppercaseMapping
            }
            return result
        },
        "isalnum": all(\.isAlphanumeric),
        "isalpha": all(\.isAlphabetic),
        "isdigit": all { $0.properties.numericType == .decimal || $0.properties.numericType == .digit },
        "isdecimal": all { $0.properties.numericType == .decimal },
        "isnumeric": all { $0.properties.numericType != nil },
        "isspace": all(\.isPythonSpace),
        "islower": allCased(\.properties.isLowercase),
        "isupper": allCased(\.properties.isUppercase),
        "isascii": { (run, text, arguments) throws(TemplateError) in
            _ = try run.bind(arguments)
            return .boolean(text.utf8.allSatisfy { $0 < 0x80 })
        },
        "istitle": { (run, text, arguments) throws(TemplateError) in
            _ = try run.bind(arguments)
            try run.charge(bytes: text.utf8.count)
            return .boolean(text.unicodeScalars.contains { $0.properties.isCased } && titled(text) == text)
        },
    ]

    static func capitalized(_ text: String) -> String {
        guard let first = text.unicodeScalars.first else { return "" }
        return first.properties.titlecaseMapping + String(text.unicodeScalars.dropFirst()).lowercased()
    }

    private static func titled(_ text: String) -> String {
        var result = ""
        var insideWord = false
        for scalar in text.unicodeScalars {
            result += insideWord ? scalar.properties.lowercaseMapping : scalar.properties.titlecaseMapping
            insideWord = scalar.properties.isCased
        }
        return result
    }

    private static func stripping(_ left: Bool, _ right: Bool) -> Method {
        { (run, text, arguments) throws(TemplateError) in
            let characters = try run.bind(arguments, "chars").given(0)
            try run.charge(steps: text.utf8.count / 16)
            guard let characters else { return try run.string(stripped(text, left, right, nil)) }
            guard case .string(let set) = characters else { throw run.wrongType("strip", characters) }
            try run.charge(bytes: 8 * set.utf8.count)
            return try run.string(stripped(text, left, right, Set(set.unicodeScalars)))
        }
    }

    static func stripped(_ text: String, _ left: Bool, _ right: Bool, _ set: Set<Unicode.Scalar>?) -> String {
        var scalars = text.unicodeScalars[...]
        func goes(_ scalar: Unicode.Scalar) -> Bool { set?.contains(scalar) ?? scalar.isPythonSpace }
        if left { while let first = scalars.first, goes(first) { scalars.removeFirst() } }
        if right { while let last = scalars.last, goes(last) { scalars.removeLast() } }
        return String(scalars)
    }

    private static func affix(_ isSuffix: Bool) -> Method {
        { (run, text, arguments) throws(TemplateError) in
            let bound = try run.bind(arguments, "prefix", "start", "end")
            let wanted = try bound.required(0)
            let part = try run.part(text, bound)
            let candidates: [TemplateValue]
            if case .tuple(let list) = wanted { candidates = list.elements } else { candidates = [wanted] }
            for candidate in candidates {
                guard case .string(let affix) = candidate else { throw run.wrongType("this method", candidate) }
                try run.charge(steps: 1 + affix.utf8.count / 64)
                let holds = isSuffix ? part.hasByteSuffix(affix) : part.hasBytePrefix(affix)
                if holds { return .boolean(true) }
            }
            return .boolean(false)
        }
    }

    private static func finding(last: Bool, throwing: Bool) -> Method {
        { (run, text, arguments) throws(TemplateError) in
            let bound = try run.bind(arguments, "sub", "start", "end")
            let needle = Array(try bound.string(0, "").utf8)
            let part = Array(try run.part(text, bound).utf8)
            try run.charge(bytes: part.count + 8 * needle.count)
            try run.charge(steps: part.count / 8)
            var place: Int?
            if last {
                let reversed = Bytes.find(needle.reversed(), in: part.reversed())
                place = reversed.map { part.count - $0 - needle.count }
            } else {
                place = Bytes.find(needle, in: part)
            }
            guard let place else {
                if throwing { throw run.failure(.value, "the substring is not found") }
                return .integer(-1)
            }
            let before = part[..<place].count { $0 & 0xC0 != 0x80 }
            return .integer(before + run.bounds(bound, count: text.pythonCount).lowerBound)
        }
    }

    private static let search: [String: Method] = [
        "strip": stripping(true, true), "lstrip": stripping(true, false), "rstrip": stripping(false, true),
        "startswith": affix(false), "endswith": affix(true),
        "find": finding(last: false, throwing: false), "rfind": finding(last: true, throwing: false),
        "index": finding(last: false, throwing: true), "rindex": finding(last: true, throwing: true),
        "count": { (run, text, arguments) throws(TemplateError) in
            let bound = try run.bind(arguments, "sub", "start", "end")
            let needle = try bound.string(0, "")
            let part = try run.part(text, bound)
            try run.charge(bytes: part.utf8.count + 8 * needle.utf8.count)
            try run.charge(steps: part.utf8.count / 8)
            if needle.isEmpty { return .integer(part.pythonCount + 1) }
            return .integer(Bytes.Searcher(Array(needle.utf8)).all(in: Array(part.utf8)).count)
        },
        "removeprefix": { (run, text, arguments) throws(TemplateError) in
            let prefix = try run.bind(arguments, "prefix").string(0, "")
            guard text.hasBytePrefix(prefix) else { return .string(text) }
            return try run.string(String(decoding: text.utf8.dropFirst(prefix.utf8.count), as: UTF8.self))
        },
        "removesuffix": { (run, text, arguments) throws(TemplateError) in
            let suffix = try run.bind(arguments, "suffix").string(0, "")
            guard text.hasByteSuffix(suffix) else { return .string(text) }
            return try run.string(String(decoding: text.utf8.dropLast(suffix.utf8.count), as: UTF8.self))
        },
    ]
}

extension Interpreter {
    /// The code points that the arguments `start` and `end` of a method pick out.
    fileprivate func bounds(_ bound: BoundArguments, count: Int) -> Range<Int> {
        func place(_ index: Int, _ standard: Int) -> Int {
            guard let value = bound.given(index)?.asInteger else { return standard }
            return min(max(value < 0 ? max(value, -count) + count : value, 0), count)
        }
        let start = place(1, 0)
        return start..<max(start, place(2, count))
    }

    fileprivate func part(_ text: String, _ bound: BoundArguments) throws(TemplateError) -> String {
        guard bound.given(1)?.asInteger != nil || bound.given(2)?.asInteger != nil else { return text }
        try charge(bytes: text.utf8.count)
        let range = bounds(bound, count: text.pythonCount)
        return String(scalars: text.unicodeScalars.dropFirst(range.lowerBound).prefix(range.count))
    }
}

extension String {
    func hasBytePrefix(_ prefix: String) -> Bool { utf8.starts(with: prefix.utf8) }

    func hasByteSuffix(_ suffix: String) -> Bool {
        utf8.count >= suffix.utf8.count && utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
    }
}
