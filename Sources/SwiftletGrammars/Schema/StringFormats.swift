/// JSON Schema's `format` as patterns of whole texts: narrower than the standards where those allow what nobody writes,
/// never wider.
enum StringFormats {
    /// The pattern of a format; nil if it is unknown. Formats of numbers in OpenAPI, and others that say nothing about
    /// the text, match everything.
    static func pattern(_ name: String) throws(GrammarError) -> Pattern? {
        guard let text = expressions[name] else { return silent.contains(name) ? .anything : nil }
        return try PatternParser.parse(text).whole(anywhere: false)
    }

    private static let silent: Set<String> = [
        "password", "binary", "byte", "int32", "int64", "float", "double", "string", "text", "textarea", "multiline",
        "html",
        "markdown",
    ]

    private static let expressions: [String: String] = [
        "date": date,
        "time": time,
        "date-time": "(?:\(date))T(?:\(time))",
        "duration":
            "P(?:\\d{1,4}W|(?:\\d{1,4}Y(?:\\d{1,4}M(?:\\d{1,4}D)?)?|\\d{1,4}M(?:\\d{1,4}D)?|\\d{1,4}D)(?:T\(clock))?|T\(clock))",
        "uuid": "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
        "email": "\(mailPart)(?:\\.\(mailPart)){0,4}@\(label)(?:\\.\(label)){1,4}",
        "hostname": "\(label)(?:\\.\(label)){0,4}",
        "ipv4": "\(octet)(?:\\.\(octet)){3}",
        "ipv6": ipv6,
        "uri": uri,
        "url": uri,
        "uri-reference": "(?:\(uri)|\(path)\(tail))",
    ]

    // Days that exist: 29 February only in leap years.
    private static let date =
        "\(year)-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)|\(leapYear)-02-29"
    private static let year = "(?:[1-9]\\d{3}|0[1-9]\\d{2}|00[1-9]\\d|000[1-9])"
    private static let leapYear =
        "(?:\\d{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
    private static let time =
        "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,6})?(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)"
    private static let clock =
        "(?:\\d{1,4}H(?:\\d{1,4}M(?:\\d{1,4}S)?)?|\\d{1,4}M(?:\\d{1,4}S)?|\\d{1,4}S)"
    private static let mailPart = "[A-Za-z0-9_+-]{1,20}"
    private static let label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?"
    private static let octet = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)"
    private static let hex = "[0-9a-fA-F]{1,4}"
    // Eight groups, or fewer with one "::" that stands for at least one.
    private static let ipv6 =
        "(?:(?:\(hex):){7}\(hex)|(?:\(hex):){1,7}:|(?:\(hex):){1,6}:\(hex)|(?:\(hex):){1,5}(?::\(hex)){1,2}"
        + "|(?:\(hex):){1,4}(?::\(hex)){1,3}|(?:\(hex):){1,3}(?::\(hex)){1,4}|(?:\(hex):){1,2}(?::\(hex)){1,5}"
        + "|\(hex):(?::\(hex)){1,6}|:(?::\(hex)){1,7}|::)"
    private static let character = "(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
    private static let path = "(?:/\(character){0,80}){0,16}"
    private static let tail = "(?:\\?(?:\(character)|[/?]){0,200})?(?:#(?:\(character)|[/?]){0,80})?"
    private static let uri =
        "(?:https?|wss?|ftps?)://\(label)(?:\\.\(label)){0,4}(?::[1-9]\\d{0,3})?\(path)\(tail)"
        + "|mailto:\(mailPart)(?:\\.\(mailPart)){0,4}@\(label)(?:\\.\(label)){1,4}"
        + "|(?:urn:[A-Za-z0-9][A-Za-z0-9-]{1,30}|data|file|tel|[a-z][a-z0-9+.-]{1,14}):\(character){1,200}"
}
