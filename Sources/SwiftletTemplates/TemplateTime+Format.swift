extension TemplateTime {
    private static let monthNames = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let dayNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    /// Day of the year, from 1.
    var ordinal: Int {
        (1..<max(1, min(12, month))).reduce(day) { $0 + Self.days(year, $1) }
    }

    /// Day of the week, Sunday is 0.
    var weekday: Int {
        let past = year - 1
        return (past + past / 4 - past / 100 + past / 400 + ordinal) % 7
    }

    /// The time in a `strftime` format, in the C locale and as glibc prints it, `%-d`, `%_d`, `%0e`, `%^a` included.
    public func formatted(_ format: String) -> String {
        var result = String.UnicodeScalarView()
        var scalars = format.unicodeScalars[...]
        while let scalar = scalars.popFirst() {
            guard scalar == "%" else {
                result.append(scalar)
                continue
            }
            let start = scalars
            var padding: Unicode.Scalar?
            while let flag = scalars.first, "-_0^#".unicodeScalars.contains(flag) {
                padding = flag
                scalars.removeFirst()
            }
            if let kind = scalars.popFirst(), let text = field(kind, padding) {
                result.append(contentsOf: text.unicodeScalars)
            } else {
                // An unknown conversion stands for itself.
                result.append("%")
                scalars = start
            }
        }
        return String(result)
    }

    private func field(_ kind: Unicode.Scalar, _ padding: Unicode.Scalar?) -> String? {
        func number(_ value: Int, _ width: Int, _ standard: Character = "0") -> String {
            let digits = String(value)
            let fill: Character = padding == "_" ? " " : padding == "0" ? "0" : standard
            if padding == "-" { return digits }
            return String(repeating: fill, count: max(0, width - digits.count)) + digits
        }
        func word(_ text: String) -> String { padding == "^" ? text.uppercased() : text }
        let hour12 = hour % 12 == 0 ? 12 : hour % 12
        let monthName = Self.monthNames[max(0, min(11, month - 1))]
        let dayName = Self.dayNames[((weekday % 7) + 7) % 7]
        switch kind {
        case "a": return word(String(dayName.prefix(3)))
        case "A": return word(dayName)
        case "b", "h": return word(String(monthName.prefix(3)))
        case "B": return word(monthName)
        case "c": return formatted("%a %b %e %H:%M:%S %Y")
        case "C": return number(year / 100, 2)
        case "d": return number(day, 2)
        case "D", "x": return formatted("%m/%d/%y")
        case "e": return number(day, 2, " ")
        case "f": return number(microsecond, 6)
        case "F": return formatted("%Y-%m-%d")
        case "H": return number(hour, 2)
        case "I": return number(hour12, 2)
        case "j": return number(ordinal, 3)
        case "k": return number(hour, 2, " ")
        case "l": return number(hour12, 2, " ")
        case "m": return number(month, 2)
        case "M": return number(minute, 2)
        case "n": return "\n"
        case "p": return padding == "#" ? (hour < 12 ? "am" : "pm") : hour < 12 ? "AM" : "PM"
        case "P": return hour < 12 ? "am" : "pm"
        case "r": return formatted("%I:%M:%S %p")
        case "R": return formatted("%H:%M")
        case "S": return number(second, 2)
        case "t": return "\t"
        case "T", "X": return formatted("%H:%M:%S")
        case "u": return String(weekday == 0 ? 7 : weekday)
        case "U": return number((ordinal + 6 - weekday) / 7, 2)
        case "w": return String(weekday)
        case "W": return number((ordinal + 6 - (weekday + 6) % 7) / 7, 2)
        case "G": return number(isoWeek.year, 4)
        case "g": return number(isoWeek.year % 100, 2)
        case "V": return number(isoWeek.week, 2)
        case "y": return number(year % 100, 2)
        case "Y": return padding == "_" || padding == "0" ? number(year, 4) : String(year)
        case "z":
            guard let zoneOffset else { return "" }
            let minutes = abs(zoneOffset) / 60
            let digits = String(10_000 + minutes / 60 * 100 + minutes % 60).dropFirst()
            return (zoneOffset < 0 ? "-" : "+") + digits
        case "Z":
            return zoneOffset.map {
                $0 == 0 ? "UTC" : "UTC" + formatted("%z").prefix(3) + ":" + formatted("%z").suffix(2)
            } ?? ""
        case "%": return "%"
        default: return nil
        }
    }

    /// The week of ISO 8601 and the year it belongs to.
    private var isoWeek: (year: Int, week: Int) {
        let monday = (weekday + 6) % 7
        let week = (ordinal - monday + 9) / 7
        if week < 1 {
            return TemplateTime(year: year - 1, month: 12, day: 31).isoWeek
        }
        let days = Self.isLeap(year) ? 366 : 365
        // The last days of December before a Thursday are in week 1 of the next year.
        if week == 53, ordinal - monday + 3 > days { return (year + 1, 1) }
        return (year, week)
    }
}
