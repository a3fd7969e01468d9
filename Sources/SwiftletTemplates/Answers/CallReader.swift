import SwiftletGround

/// Reads the calls behind one opener while they arrive.
///
/// A call is held until it is whole and its arguments are valid JSON, so that what turns out malformed can still be
/// text. Every byte is looked at a bounded number of times.
struct CallReader {
    enum Outcome {
        case more
        case malformed
        /// Calls that end before this place.
        case calls([ToolCall], end: Int)
    }

    enum Stage {
        case start
        case json(Balance, from: Int, name: String?)
        case python(Balance, from: Int)
        case name(from: Int)
        case functionTag
        case parameters(FunctionTags)
        case gemma(from: Int)
    }

    let syntax: CallSyntax
    /// Which of the syntax's openers was found; nil for a JSON object that is the whole answer.
    let opener: Int?
    let tools: KnownTools
    var place: Int
    var stage = Stage.start

    /// A reader that begins at a place of the held bytes, behind the opener.
    init(_ syntax: CallSyntax, opener: Int?, tools: KnownTools, from place: Int) {
        self.syntax = syntax
        self.opener = opener
        self.tools = tools
        self.place = place
    }

    /// Reads on; `isLast` says that no more bytes will come.
    mutating func read(_ bytes: [UInt8], isLast: Bool) -> Outcome {
        while true {
            let before = place
            let outcome: Outcome? =
                switch stage {
                case .start: start(bytes)
                case .json(let balance, let start, let name): json(bytes, balance, from: start, name: name)
                case .python(let balance, let start): python(bytes, balance, from: start)
                case .name(let start): named(bytes, from: start)
                case .functionTag: functionTag(bytes)
                case .parameters(let tags): parameters(bytes, tags)
                case .gemma(let start): gemma(bytes, from: start, isLast: isLast)
                }
            guard let outcome else {
                precondition(place >= before)
                continue
            }
            if case .more = outcome, isLast { return .malformed }
            return outcome
        }
    }

    /// Decides by the first byte what follows the opener; nil when a stage was chosen.
    private mutating func start(_ bytes: [UInt8]) -> Outcome? {
        if case .tags = syntax, opener == 1 {
            stage = .functionTag
            return nil
        }
        if case .gemma = syntax {
            stage = .gemma(from: place)
            return nil
        }
        place = bytes.skipSpace(from: place)
        guard place < bytes.count else { return .more }
        if opener == nil, let outcome = firstKey(bytes) { return outcome }
        switch (syntax, bytes[place]) {
        case (.pythonic, UInt8(ascii: "[")):
            let next = bytes.skipSpace(from: place + 1)
            guard next < bytes.count else { return .more }
            stage =
                bytes[next] == UInt8(ascii: "{")
                ? .json(Balance(.json), from: place, name: nil) : .python(Balance(.python), from: place)
        case (.deepSeek, UInt8(ascii: "<")):
            switch bytes.match(Array("<｜tool▁call▁begin｜>".utf8), at: place) {
            case .none: return .malformed
            case .partial: return .more
            case .full:
                place += "<｜tool▁call▁begin｜>".utf8.count
                stage = .name(from: place)
            }
        case (.tags, UInt8(ascii: "<")):
            let tag = Array("<function=".utf8)
            switch bytes.match(tag, at: place) {
            case .none: return .malformed
            case .partial: return .more
            case .full:
                place += tag.count
                stage = .functionTag
            }
        case (.deepSeek, _): stage = .name(from: place)
        case (_, UInt8(ascii: "{")), (.mistral, UInt8(ascii: "[")), (.tags, UInt8(ascii: "[")),
            (.granite, UInt8(ascii: "[")):
            stage = .json(Balance(.json), from: place, name: nil)
        case (.mistral, _): stage = .name(from: place)
        case (.bare, _):
            // The balance begins at the parenthesis; the name before it is read with the call.
            let end = bytes[place...].firstIndex { !$0.isNamePart }
            guard let end else { return bytes.count - place > 256 ? .malformed : .more }
            guard bytes[end] == UInt8(ascii: "("), end > place else { return .malformed }
            stage = .python(Balance(.python), from: place)
            place = end
        default: return .malformed
        }
        return nil
    }

    /// Whether an object that is the whole answer can be a call, by its first key; nil if it can.
    private func firstKey(_ bytes: [UInt8]) -> Outcome? {
        let quote = bytes.skipSpace(from: place + 1)
        guard quote < bytes.count else { return .more }
        guard bytes[quote] == UInt8(ascii: "\"") else { return .malformed }
        guard let end = bytes[(quote + 1)...].prefix(16).firstIndex(of: UInt8(ascii: "\"")) else {
            return bytes.count - quote > 16 ? .malformed : .more
        }
        let keys = ["name", "function", "parameters", "arguments", "type", "id"]
        return keys.contains(bytes.text(quote + 1..<end)) ? nil : .malformed
    }

    private mutating func json(_ bytes: [UInt8], _ balance: Balance, from start: Int, name: String?) -> Outcome? {
        guard let end = close(bytes, balance, { .json($0, from: start, name: name) }) else { return .malformed }
        guard end > 0 else { return .more }
        guard let value = try? JSONValue(parsing: bytes[start..<end]) else { return .malformed }
        if let name {
            guard case .object(let arguments) = value else { return .malformed }
            return .calls([ToolCall(name: name, arguments: arguments)], end: end)
        }
        let isBare = if case .bare = syntax { true } else { false }
        return tools.calls(from: value, needsArguments: isBare).map { .calls($0, end: end) } ?? .malformed
    }

    private mutating func python(_ bytes: [UInt8], _ balance: Balance, from start: Int) -> Outcome? {
        guard let end = close(bytes, balance, { .python($0, from: start) }) else { return .malformed }
        guard end > 0 else { return .more }
        var reader = PythonReader(bytes, from: start, to: end)
        guard let calls = reader.calls(), !calls.isEmpty else { return .malformed }
        var known: [ToolCall] = []
        for call in calls {
            // Llama's built-in tools are written as a method of the tool.
            let isMethod = if case .bare = syntax { call.name.hasSuffix(".call") } else { false }
            let name = isMethod ? String(call.name.dropLast(5)) : call.name
            guard tools.contains(name) else { return .malformed }
            known.append(ToolCall(name: name, arguments: call.arguments))
        }
        return .calls(known, end: end)
    }

    /// The end of the value, 0 while it has not come, nil if it cannot come; goes on where it stopped before.
    private mutating func close(_ bytes: [UInt8], _ balance: Balance, _ next: (Balance) -> Stage) -> Int? {
        var balance = balance
        stage = .start  // so that the balance is not shared, and its stack not copied
        while place < bytes.count {
            let step = balance.take(bytes[place])
            place += 1
            switch step {
            case .inside: continue
            case .closed: return place
            case .broken: return nil
            }
        }
        stage = next(balance)
        return 0
    }
}
