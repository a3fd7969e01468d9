import SwiftletGround
package import SwiftletModelFiles

/// A model file's settings for its architecture: typed look-ups of `<architecture>.<key>`, each with its limits.
///
/// A value that is missing, of the wrong type or out of its range throws and names the key.
package struct Hyperparameters: Sendable {
    package let architecture: String
    private let metadata: GGUFMetadata

    package init(_ metadata: GGUFMetadata) throws(ModelError) {
        self.metadata = metadata
        architecture = try Self.reading("general.architecture") { path throws(ModelFileError) in
            try metadata.string(path)
        }
    }

    package func integer(_ key: String, in range: ClosedRange<Int>) throws(ModelError) -> Int {
        guard let value = try integer(ifPresent: key, in: range) else { throw missing(key) }
        return value
    }

    package func integer(_ key: String, in range: ClosedRange<Int>, default fallback: Int) throws(ModelError) -> Int {
        try integer(ifPresent: key, in: range) ?? fallback
    }

    /// A key that holds one value, or one a layer; all layers must then agree.
    private func integer(ifPresent key: String, in range: ClosedRange<Int>) throws(ModelError) -> Int? {
        guard has(key) else { return nil }
        let value: Int
        if case .array = metadata[full(key)] {
            let list: [Int] = try reading(key) { path throws(ModelFileError) in try metadata.integers(path) }
            guard let first = list.first else { throw impossible(key, "the list is empty") }
            guard list.allSatisfy({ $0 == first }) else {
                throw impossible(key, "layers of different sizes are not supported")
            }
            value = first
        } else {
            value = try reading(key) { path throws(ModelFileError) in try metadata.integer(path) }
        }
        guard range.contains(value) else { throw impossible(key, "\(value) is not in \(range)") }
        return value
    }

    package func float(_ key: String) throws(ModelError) -> Float {
        guard let value = try float(ifPresent: key) else { throw missing(key) }
        return value
    }

    package func float(_ key: String, default fallback: Float) throws(ModelError) -> Float {
        try float(ifPresent: key) ?? fallback
    }

    private func float(ifPresent key: String) throws(ModelError) -> Float? {
        guard has(key) else { return nil }
        let value = try reading(key) { path throws(ModelFileError) in try metadata.float(path) }
        guard value.isFinite else { throw impossible(key, "\(value) is not a finite number") }
        return value
    }

    package func string(_ key: String, default fallback: String) throws(ModelError) -> String {
        guard has(key) else { return fallback }
        return try reading(key) { path throws(ModelFileError) in try metadata.string(path) }
    }

    package func bool(_ key: String, default fallback: Bool) throws(ModelError) -> Bool {
        guard has(key) else { return fallback }
        return try reading(key) { path throws(ModelFileError) in try metadata.bool(path) }
    }

    /// A list of numbers or truth values as integers; nil if the key is absent or holds a single value.
    package func list(_ key: String) -> [Int]? {
        guard has(key) else { return nil }
        let integers: [Int]? = try? metadata.integers(full(key))
        return integers ?? (try? metadata.bools(full(key)))?.map { $0 ? 1 : 0 }
    }

    package func has(_ key: String) -> Bool { metadata[full(key)] != nil }

    package func impossible(_ key: String, _ problem: String) -> ModelError {
        Self.impossible(full(key), problem)
    }

    private static func impossible(_ path: String, _ problem: String) -> ModelError {
        ModelError(.configuration, problem, at: path, advice: ModelError.damagedAdvice)
    }

    private func missing(_ key: String) -> ModelError {
        ModelError(.configuration, "the setting is missing", at: full(key), advice: ModelError.incompleteAdvice)
    }

    private func full(_ key: String) -> String { "\(architecture).\(key)" }

    private func reading<Value>(
        _ key: String, _ body: (String) throws(ModelFileError) -> Value
    ) throws(ModelError) -> Value {
        try Self.reading(full(key), body)
    }

    /// The value under a whole key; the file's error names the key already, so only its problem is kept.
    private static func reading<Value>(
        _ path: String, _ body: (String) throws(ModelFileError) -> Value
    ) throws(ModelError) -> Value {
        do { return try body(path) } catch { throw impossible(path, error.problem) }
    }
}
