#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A civil time without or with a zone, for `strftime_now`.
public struct TemplateTime: Sendable, Hashable {
    public var year: Int
    public var month: Int
    public var day: Int
    public var hour: Int
    public var minute: Int
    public var second: Int
    public var microsecond: Int
    /// Seconds east of UTC; nil prints `%z` and `%Z` as nothing, as Python does for a time without a zone.
    public var zoneOffset: Int?

    public init(
        year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0, microsecond: Int = 0,
        zoneOffset: Int? = nil
    ) {
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
        self.microsecond = microsecond
        self.zoneOffset = zoneOffset
    }

    /// The local time now.
    public static func current() -> TemplateTime {
        var clock = timespec()
        clock_gettime(CLOCK_REALTIME, &clock)
        var parts = tm()
        localtime_r(&clock.tv_sec, &parts)
        return TemplateTime(
            year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
            hour: Int(parts.tm_hour), minute: Int(parts.tm_min), second: min(59, Int(parts.tm_sec)),
            microsecond: Int(clock.tv_nsec) / 1000)
    }

    /// A time such as "2026-01-02", "2026-01-02T03:04:05.5" or "2026-01-02 03:04:05+01:00"; nil for anything else.
    public init?(iso8601 text: String) {
        var bytes = Array(text.utf8)[...]
        func number(_ digits: Int) -> Int? {
            guard bytes.count >= digits, bytes.prefix(digits).allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
                return nil
            }
            defer { bytes = bytes.dropFirst(digits) }
            return bytes.prefix(digits).reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }
        func takes(_ scalar: Unicode.Scalar) -> Bool {
            guard bytes.first == UInt8(ascii: scalar) else { return false }
            bytes = bytes.dropFirst()
            return true
        }
        guard let year = number(4), takes("-"), let month = number(2), takes("-"), let day = number(2),
            (1...12).contains(month), (1...Self.days(year, month)).contains(day)
        else { return nil }
        self.init(year: year, month: month, day: day)
        if bytes.isEmpty { return }
        guard takes("T") || takes(" "), let hour = number(2), takes(":"), let minute = number(2), hour < 24, minute < 60
        else { return nil }
        self.hour = hour
        self.minute = minute
        if takes(":") {
            guard let second = number(2), second < 60 else { return nil }
            self.second = second
            if takes(".") {
                let digits = bytes.prefix { $0 >= 0x30 && $0 <= 0x39 }
                guard !digits.isEmpty, digits.count <= 9 else { return nil }
                let padded = digits.prefix(6) + repeatElement(0x30, count: max(0, 6 - digits.count))
                microsecond = padded.reduce(0) { $0 * 10 + Int($1 - 0x30) }
                bytes = bytes.dropFirst(digits.count)
            }
        }
        if takes("Z") { zoneOffset = 0 }
        if let sign = bytes.first, zoneOffset == nil {
            guard takes("+") || takes("-"), let hours = number(2), hours < 24 else { return nil }
            _ = takes(":")
            guard let minutes = number(2), minutes < 60 else { return nil }
            zoneOffset = (hours * 3600 + minutes * 60) * (sign == UInt8(ascii: "-") ? -1 : 1)
        }
        if !bytes.isEmpty { return nil }
    }

    static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    static func days(_ year: Int, _ month: Int) -> Int {
        month == 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }
}
