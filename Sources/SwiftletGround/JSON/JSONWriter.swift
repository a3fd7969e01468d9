/// How JSON text is laid out.
public struct JSONStyle: Sendable {
    /// Spaces a level, on a line each; nil writes one line.
    public var indent: Int?
    public var itemSeparator = ","
    public var keySeparator = ":"
    public var sortsKeys = false
    /// Writes every scalar above U+007E as `\u` escapes.
    public var escapesNonASCII = false
    /// Writes `NaN` and `Infinity` as Python does, which is not JSON; else they become `null`, as in JavaScript.
    public var writesNonFinite = false

    public init() {}

    /// No white space at all.
    public static var compact: JSONStyle { JSONStyle() }

    /// Two spaces a level, keys in their order.
    public static var pretty: JSONStyle {
        var style = JSONStyle()
        style.indent = 2
        style.keySeparator = ": "
        return style
    }

    /// One line with `", "` and `": "`, as Python's `json.dumps` writes.
    public static var python: JSONStyle {
        var style = JSONStyle()
        style.itemSeparator = ", "
        style.keySeparator = ": "
        return style
    }
}

struct JSONWriter {
    let style: JSONStyle
    var bytes: [UInt8] = []

    init(style: JSONStyle) {
        self.style = style
    }

    mutating func write(_ value: JSONValue, level: Int) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .integer(let value): append(value.description)
        case .number(let value): append(number(value))
        case .string(let value): write(value)
        case .array(let values):
            list(values, between: ("[", "]"), level: level) { writer, value in writer.write(value, level: level + 1) }
        case .object(let object):
            let members =
                style.sortsKeys ? object.members.sorted { ByteString($0.key) < ByteString($1.key) } : object.members
            list(members, between: ("{", "}"), level: level) { writer, member in
                writer.write(member.key)
                writer.append(writer.style.keySeparator)
                writer.write(member.value, level: level + 1)
            }
        }
    }

    private mutating func list<Element>(
        _ elements: [Element], between brackets: (String, String), level: Int,
        _ write: (inout JSONWriter, Element) -> Void
    ) {
        append(brackets.0)
        for (place, element) in elements.enumerated() {
            if place > 0 { append(style.itemSeparator) }
            newLine(level + 1)
            write(&self, element)
        }
        if !elements.isEmpty { newLine(level) }
        append(brackets.1)
    }

    private mutating func newLine(_ level: Int) {
        guard let indent = style.indent else { return }
        bytes.append(0x0A)
        bytes.append(contentsOf: repeatElement(0x20, count: max(0, indent) * level))
    }

    private func number(_ value: Double) -> String {
        if value.isFinite { return value.pythonText }
        if !style.writesNonFinite { return "null" }
        return value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
    }

    private mutating func write(_ string: String) {
        bytes.append(0x22)
        if style.escapesNonASCII {
            for scalar in string.unicodeScalars {
                if scalar.isASCII, scalar.value != 0x7F {
                    writeASCII(UInt8(scalar.value))
                } else {
                    for unit in String(scalar).utf16 { append("\\u" + hexadecimal(UInt32(unit))) }
                }
            }
        } else {
            for byte in string.utf8 { writeASCII(byte) }
        }
        bytes.append(0x22)
    }

    private mutating func writeASCII(_ byte: UInt8) {
        switch byte {
        case 0x22: append("\\\"")
        case 0x5C: append("\\\\")
        case 0x08: append("\\b")
        case 0x09: append("\\t")
        case 0x0A: append("\\n")
        case 0x0C: append("\\f")
        case 0x0D: append("\\r")
        case 0..<0x20: append("\\u" + hexadecimal(UInt32(byte)))
        default: bytes.append(byte)
        }
    }

    private func hexadecimal(_ code: UInt32) -> String {
        let digits = String(code, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }

    mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }
}
