import Foundation
import SwiftletGround

/// How the values of a setting are written.
struct SettingForm<Value: Sendable>: Sendable {
    /// What the help calls a value; nil for a switch.
    let valueName: String?
    var isList = false
    /// Throws what is wrong, without a place. Relative paths are those of `base`.
    let read: @Sendable (_ texts: [String], _ base: URL?) throws(ServerError) -> Value
    let write: @Sendable (Value) -> [String]

    /// A form of one text.
    init(
        _ valueName: String?, read: @escaping @Sendable (String) throws(ServerError) -> Value,
        write: @escaping @Sendable (Value) -> String
    ) {
        self.valueName = valueName
        self.read = { (texts, _) throws(ServerError) in try read(Self.only(texts)) }
        self.write = { [write($0)] }
    }

    fileprivate init(
        list valueName: String?, isList: Bool,
        read: @escaping @Sendable ([String], URL?) throws(ServerError) -> Value,
        write: @escaping @Sendable (Value) -> [String]
    ) {
        (self.valueName, self.isList, self.read, self.write) = (valueName, isList, read, write)
    }

    fileprivate static func only(_ texts: [String]) throws(ServerError) -> String {
        guard texts.count == 1, let text = texts.first else { throw ServerError(.configuration, "must be one value") }
        return text
    }

    /// The same, and a word for having no value.
    fileprivate func orNone(_ word: String) -> SettingForm<Value?> {
        SettingForm<Value?>(
            list: valueName, isList: isList,
            read: { [read] (texts, base) throws(ServerError) in
                if texts == [word] { return nil }
                do throws(ServerError) {
                    return try read(texts, base)
                } catch {
                    throw ServerError(.configuration, error.problem.replacing("must be ", with: "must be \(word), or "))
                }
            },
            write: { [write] value in value.map(write) ?? [word] })
    }
}

extension SettingForm where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> Self {
        Self(
            "n",
            read: { (text) throws(ServerError) in
                guard let value = Int(text), range.contains(value) else {
                    throw ServerError(
                        .configuration,
                        "must be an integer from \(range.lowerBound) to \(range.upperBound), not \(text.quoted)")
                }
                return value
            }, write: { "\($0)" })
    }

    static let size = Self(
        "size",
        read: { (text) throws(ServerError) in
            guard let size = ByteSize(parsing: text) else {
                throw ServerError(.configuration, "must be a size like 500MB or 4GiB, not \(text.quoted)")
            }
            return size.bytes
        }, write: { ByteSize($0).description })
}

extension SettingForm where Value == Int? {
    /// `word` is for none.
    static func integer(_ range: ClosedRange<Int>, or word: String) -> Self {
        SettingForm<Int>.integer(range).orNone(word)
    }

    static func size(or word: String) -> Self { SettingForm<Int>.size.orNone(word) }
}

extension SettingForm where Value == Duration {
    static let time = Self(
        "time",
        read: { (text) throws(ServerError) in
            guard let span = TimeSpan(parsing: text) else {
                throw ServerError(.configuration, "must be a time like 30s, 5m or 1h30m, not \(text.quoted)")
            }
            return span.duration
        }, write: { TimeSpan($0).description })
}

extension SettingForm where Value == Duration? {
    /// `word` is for none.
    static func time(or word: String) -> Self { SettingForm<Duration>.time.orNone(word) }

    /// Also Ollama's way to say so: a number below zero.
    static let timeOrForever = Self(
        "time",
        read: { (text) throws(ServerError) in
            if text == "forever" || (TimeSpan.seconds(goDuration: text) ?? Double(text)).map({ $0 < 0 }) == true {
                return nil
            }
            guard let span = TimeSpan(parsing: text) else {
                throw ServerError(
                    .configuration, "must be a time like 30s, 5m or 1h30m, or forever, not \(text.quoted)")
            }
            return span.duration
        }, write: { $0.map { TimeSpan($0).description } ?? "forever" })
}

extension SettingForm where Value == String {
    static func text(_ valueName: String) -> Self {
        Self(
            valueName,
            read: { (text) throws(ServerError) in
                guard !text.isEmpty else { throw ServerError(.configuration, "must not be empty") }
                return text
            }, write: { $0 })
    }
}

extension SettingForm where Value == [String] {
    static func list(_ valueName: String) -> Self {
        Self(
            list: valueName, isList: true,
            read: { (texts, _) throws(ServerError) in
                guard !texts.contains("") else { throw ServerError(.configuration, "must have no empty value") }
                return texts
            }, write: { $0 })
    }
}

extension SettingForm where Value == Bool {
    static let flag = Self(
        nil,
        read: { (text) throws(ServerError) in
            switch text.lowercased() {
            case "true", "yes", "on", "1": return true
            case "false", "no", "off", "0": return false
            default: throw ServerError(.configuration, "must be true or false, not \(text.quoted)")
            }
        }, write: { $0 ? "true" : "false" })
}

extension SettingForm where Value == URL {
    static func path(_ valueName: String, _ hint: URL.DirectoryHint) -> Self {
        Self(
            list: valueName, isList: false,
            read: { (texts, base) throws(ServerError) in
                let text = try only(texts)
                guard !text.isEmpty else { throw ServerError(.configuration, "must not be empty") }
                let path = text == "~" || text.hasPrefix("~/") ? NSString(string: text).expandingTildeInPath : text
                return URL(filePath: path, directoryHint: hint, relativeTo: base).absoluteURL
            }, write: { [$0.path(percentEncoded: false)] })
    }
}

extension SettingForm where Value == URL? {
    static func path(_ valueName: String, _ hint: URL.DirectoryHint, or word: String) -> Self {
        SettingForm<URL>.path(valueName, hint).orNone(word)
    }
}

extension SettingForm where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    static func choice(_ valueName: String) -> Self {
        Self(
            valueName,
            read: { (text) throws(ServerError) in
                guard let value = Value(rawValue: text) else {
                    let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
                    throw ServerError(.configuration, "must be one of \(names), not \(text.quoted)")
                }
                return value
            }, write: \.rawValue)
    }
}

extension String {
    /// Shortened, so that an error stays a line.
    fileprivate var quoted: String { "\"\(prefix(80))\"" }
}
