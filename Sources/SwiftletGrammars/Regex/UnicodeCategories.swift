/// Unicode's general categories as sets, each made when it is first asked for from the standard library's tables.
enum UnicodeCategories {
    /// The set of a category by its short or long name (`Lu`, `Uppercase_Letter`, `L`, `Letter`); nil if there is none.
    static func set(_ name: String) -> ScalarSet? {
        let short = longNames[name] ?? name
        let members = all.filter { $0.name == short || (short.utf8.count == 1 && $0.name.hasPrefix(short)) }
        return members.isEmpty ? nil : ScalarSet(members.flatMap(\.set.ranges))
    }

    private static let longNames = [
        "Letter": "L", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Titlecase_Letter": "Lt",
        "Modifier_Letter": "Lm", "Other_Letter": "Lo", "Mark": "M", "Number": "N", "Decimal_Number": "Nd",
        "Letter_Number": "Nl", "Other_Number": "No", "Punctuation": "P", "Symbol": "S", "Math_Symbol": "Sm",
        "Currency_Symbol": "Sc", "Separator": "Z", "Space_Separator": "Zs", "Other": "C", "Control": "Cc",
    ]

    /// One pass over all of Unicode, some 50 ms, once a process.
    private static let all: [(name: String, set: ScalarSet)] = {
        var ranges: [String: [ClosedRange<UInt32>]] = [:]
        var start: UInt32 = 0
        var current: Unicode.GeneralCategory?
        for value in UInt32(0)...0x110000 {
            let category = Unicode.Scalar(value)?.properties.generalCategory
            if category == current { continue }
            if let current { ranges[name(current), default: []].append(start...value - 1) }
            current = category
            start = value
        }
        return ranges.map { ($0.key, ScalarSet($0.value)) }
    }()

    private static func name(_ category: Unicode.GeneralCategory) -> String {
        switch category {
        case .uppercaseLetter: "Lu"
        case .lowercaseLetter: "Ll"
        case .titlecaseLetter: "Lt"
        case .modifierLetter: "Lm"
        case .otherLetter: "Lo"
        case .nonspacingMark: "Mn"
        case .spacingMark: "Mc"
        case .enclosingMark: "Me"
        case .decimalNumber: "Nd"
        case .letterNumber: "Nl"
        case .otherNumber: "No"
        case .connectorPunctuation: "Pc"
        case .dashPunctuation: "Pd"
        case .openPunctuation: "Ps"
        case .closePunctuation: "Pe"
        case .initialPunctuation: "Pi"
        case .finalPunctuation: "Pf"
        case .otherPunctuation: "Po"
        case .mathSymbol: "Sm"
        case .currencySymbol: "Sc"
        case .modifierSymbol: "Sk"
        case .otherSymbol: "So"
        case .spaceSeparator: "Zs"
        case .lineSeparator: "Zl"
        case .paragraphSeparator: "Zp"
        case .control: "Cc"
        case .format: "Cf"
        case .surrogate: "Cs"
        case .privateUse: "Co"
        case .unassigned: "Cn"
        @unknown default: "Cn"
        }
    }
}
