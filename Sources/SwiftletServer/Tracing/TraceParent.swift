import SwiftletGround

/// Which trace a span belongs to, as the header `traceparent` says (W3C Trace Context).
struct TraceParent: Sendable, Hashable {
    /// 16 bytes, not all zero.
    let trace: [UInt8]
    /// The span; 8 bytes, not all zero.
    let span: [UInt8]
    /// Whether those who take part keep their spans.
    let isSampled: Bool

    init(trace: [UInt8], span: [UInt8], isSampled: Bool) {
        (self.trace, self.span, self.isSampled) = (trace, span, isSampled)
    }

    /// A span of its own: the first of a trace, or one of `parent`'s.
    init(below parent: TraceParent?) {
        trace = parent?.trace ?? Self.random(16)
        span = Self.random(8)
        isSampled = parent?.isSampled ?? true
    }

    /// `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01`; nil if it is none. What later versions add is not read.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        let dash = UInt8(ascii: "-")
        guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash,
            let version = Self.bytes(bytes[0..<2]), let trace = Self.bytes(bytes[3..<35]),
            let span = Self.bytes(bytes[36..<52]), let flags = Self.bytes(bytes[53..<55])
        else { return nil }
        guard version[0] == 0 ? bytes.count == 55 : version[0] != 0xFF && (bytes.count == 55 || bytes[55] == dash)
        else {
            return nil
        }
        guard trace.contains(where: { $0 != 0 }), span.contains(where: { $0 != 0 }) else { return nil }
        self.init(trace: trace, span: span, isSampled: flags[0] & 1 == 1)
    }

    /// The header.
    var text: String { "00-\(trace.hexadecimal)-\(span.hexadecimal)-\(isSampled ? "01" : "00")" }

    private static func bytes(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
        [UInt8](hexadecimal: String(decoding: digits, as: UTF8.self))
    }

    private static func random(_ count: Int) -> [UInt8] {
        var bytes = (0..<count).map { _ in UInt8.random(in: 0...255) }
        // All zero is none.
        bytes[count - 1] |= bytes.contains { $0 != 0 } ? 0 : 1
        return bytes
    }
}
