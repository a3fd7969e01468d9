public import SwiftletGround

extension Modelfile {
    /// Reads a Modelfile in UTF-8, or in UTF-16 with a byte order mark.
    ///
    /// Throws `modelfile` with the line for what is no command, lacks its value or its closing quotes, and for a file
    /// without FROM. Values of parameters are checked by `settings()`.
    public init(parsing bytes: some Collection<UInt8>) throws(LibraryError) {
        guard bytes.count <= 64 << 20 else { throw LibraryError(.modelfile, "a Modelfile has at most 64 MB") }
        try self.init(parsing: Self.text(Array(bytes)))
    }

    /// Reads a Modelfile from a text.
    public init(parsing text: String) throws(LibraryError) {
        var reader = ModelfileReader(text)
        commands = try reader.commands()
        guard let from, !from.isEmpty else {
            throw LibraryError(
                .modelfile, "a Modelfile needs a FROM line", advice: "FROM names a model of the library or a GGUF file")
        }
    }

    private static func text(_ bytes: [UInt8]) -> String {
        func units(_ high: Int) -> [UInt16] {
            stride(from: 2, to: bytes.count - 1, by: 2).map {
                UInt16(bytes[$0 + high]) << 8 | UInt16(bytes[$0 + 1 - high])
            }
        }
        if bytes.starts(with: [0xFF, 0xFE]) { return String(decoding: units(1), as: UTF16.self) }
        if bytes.starts(with: [0xFE, 0xFF]) { return String(decoding: units(0), as: UTF16.self) }
        return String(decoding: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...], as: UTF8.self)
    }
}

private struct ModelfileReader {
    private let bytes: [UInt8]
    private var place = 0
    private var line = 1

    init(_ text: String) { bytes = Array(text.utf8) }

    mutating func commands() throws(LibraryError) -> [Modelfile.Command] {
        var commands: [Modelfile.Command] = []
        while true {
            skip { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
            guard place < bytes.count else { return commands }
            if bytes[place] == UInt8(ascii: "#") {
                skip { $0 != 0x0A && $0 != 0x0D }
                continue
            }
            let start = line
            commands.append(Modelfile.Command(try instruction(), line: start))
        }
    }

    private mutating func instruction() throws(LibraryError) -> Modelfile.Instruction {
        let name = word { $0.isLetter }.lowercased()
        guard Self.names.contains(name), place == bytes.count || bytes[place].isLineSpace || bytes[place].isNewline
        else {
            throw failure(
                "this is no command",
                advice: "Commands are \(Self.names.map { $0.uppercased() }.joined(separator: ", "))")
        }
        switch name {
        case "parameter":
            skip { $0.isLineSpace }
            let key = word { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") }
            return .parameter(name: key, value: try value(of: "PARAMETER \(key)"))
        case "message":
            skip { $0.isLineSpace }
            let role = word { $0.isLetter }
            guard ["system", "user", "assistant"].contains(role) else {
                throw failure("a message's role is system, user or assistant")
            }
            return .message(role: role, content: try value(of: "MESSAGE \(role)"))
        default:
            let value = try value(of: name.uppercased())
            switch name {
            case "from": return .from(value)
            case "template": return .template(value)
            case "system": return .system(value)
            case "adapter": return .adapter(value)
            case "license": return .license(value)
            case "requires": return .requires(value)
            case "renderer": return .renderer(value)
            case "parser": return .parser(value)
            default: return .draft(value)
            }
        }
    }

    private static let names = [
        "from", "license", "template", "system", "adapter", "draft", "renderer", "parser", "parameter", "message",
        "requires",
    ]

    /// The rest of the line without white space around it, or what stands in quotes.
    private mutating func value(of command: String) throws(LibraryError) -> String {
        let start = line
        guard place < bytes.count, bytes[place].isLineSpace else {
            throw failure("\(command) needs a value")
        }
        skip { $0.isLineSpace }
        let first = place
        let quotes = bytes[first...].prefix(3).elementsEqual(Array("\"\"\"".utf8)) ? 3 : 1
        let isQuoted = first < bytes.count && bytes[first] == UInt8(ascii: "\"")
        while true {
            skip { !$0.isNewline }
            var end = place
            while end > first, bytes[end - 1].isLineSpace || bytes[end - 1].isNewline { end -= 1 }
            if !isQuoted { return text(first..<end) }
            let isClosed =
                end - first >= 2 * quotes && bytes[(end - quotes)..<end].allSatisfy { $0 == UInt8(ascii: "\"") }
            if isClosed { return text(first + quotes..<end - quotes) }
            guard place < bytes.count else {
                throw LibraryError(
                    .modelfile, "\(command) opens quotes that no line's end closes", at: "line \(start)",
                    advice: "End the value with \(quotes == 3 ? "\"\"\"" : "\"")")
            }
            skip { $0.isNewline }
        }
    }

    private mutating func word(_ belongs: (UInt8) -> Bool) -> String {
        let start = place
        while place < bytes.count, belongs(bytes[place]) { place += 1 }
        return text(start..<place)
    }

    private mutating func skip(_ belongs: (UInt8) -> Bool) {
        while place < bytes.count, belongs(bytes[place]) {
            if bytes[place] == 0x0A { line += 1 }
            place += 1
        }
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    private func failure(_ problem: String, advice: String? = nil) -> LibraryError {
        LibraryError(.modelfile, problem, at: "line \(line)", advice: advice)
    }
}

extension UInt8 {
    fileprivate var isLetter: Bool { (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) }
    fileprivate var isDigit: Bool { (0x30...0x39).contains(self) }
    fileprivate var isLineSpace: Bool { self == 0x20 || self == 0x09 }
    fileprivate var isNewline: Bool { self == 0x0A || self == 0x0D }
}

extension Failure<LibraryDomain>.Code {
    /// A Modelfile is not written as one, or sets what cannot be set.
    public static var modelfile: Self { Self("modelfile") }
}
