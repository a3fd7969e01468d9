#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Numbers as C prints them, which is as Python prints them.
enum Numbers {
    static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

    /// `%.{precision}{kind}` of a number; kind is one of e, f, g and their capitals, precision at most 400.
    static func text(_ value: Double, kind: Unicode.Scalar, precision: Int, alternate: Bool = false) -> String {
        if value.isNaN || value.isInfinite {
            let text = value.isNaN ? "nan" : value < 0 ? "-inf" : "inf"
            return kind.properties.isUppercase ? text.uppercased() : text
        }
        var buffer = [CChar](repeating: 0, count: 1024)
        let format = "%" + (alternate ? "#" : "") + ".*" + String(kind)
        let count = withVaList([Int32(min(max(precision, 0), 400)), value]) { list in
            vsnprintf(&buffer, buffer.count, format, list)
        }
        let bytes = buffer.prefix(max(0, min(Int(count), buffer.count - 1))).map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Python's `round(value, digits)`: correctly rounded in decimal, halves to even.
    static func rounded(_ value: Double, digits: Int) -> Double {
        guard value.isFinite, digits < 324 else { return value }
        if digits >= 0 { return Double(text(value, kind: "f", precision: digits)) ?? value }
        if digits < -308 { return 0 }
        let scale = pow(10, Double(-digits))
        return (value / scale).rounded(.toNearestOrEven) * scale
    }

    /// Python's `float(text)`; nil where it raises.
    static func double(_ text: String) -> Double? {
        let trimmed = StringMethods.stripped(text, true, true, nil)
        let name = trimmed.lowercased()
        let unsigned = name.hasPrefix("-") || name.hasPrefix("+") ? String(name.dropFirst()) : name
        switch unsigned {
        case "inf", "infinity": return name.hasPrefix("-") ? -.infinity : .infinity
        case "nan": return .nan
        default: break
        }
        guard let digits = withoutUnderscores(trimmed), digits.utf8.allSatisfy({ "0123456789.eE+-".utf8.contains($0) })
        else { return nil }
        return Double(digits.hasSuffix(".") ? digits + "0" : digits)
    }

    /// Python's `int(text, radix)`; nil where it raises, or where 64 bits are not enough.
    static func integer(_ text: String, radix: Int) -> Int? {
        var digits = StringMethods.stripped(text, true, true, nil).lowercased()
        let isNegative = digits.hasPrefix("-")
        if isNegative || digits.hasPrefix("+") { digits.removeFirst() }
        let prefix = [16: "0x", 8: "0o", 2: "0b"][radix]
        if let prefix, digits.hasPrefix(prefix) { digits.removeFirst(2) }
        guard (2...36).contains(radix), let plain = withoutUnderscores(digits), let first = plain.utf8.first,
            first != 0x2B, first != 0x2D
        else { return nil }
        return Int((isNegative ? "-" : "") + plain, radix: radix)
    }

    /// Python allows single underscores between digits.
    private static func withoutUnderscores(_ text: String) -> String? {
        if text.hasPrefix("_") || text.hasSuffix("_") || text.contains("__") { return nil }
        return text.filter { $0 != "_" }
    }
}
