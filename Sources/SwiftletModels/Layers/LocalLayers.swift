/// Which layers see only a sliding window, where local and global layers take turns.
package struct LocalLayers: Sendable {
    private let isLocal: [Bool]

    /// `attention.sliding_window_pattern`, a list of flags or a period; all layers but the last of each period are local.
    package init(_ settings: Hyperparameters, _ configuration: ModelConfiguration, period: Int) throws(ModelError) {
        let (key, count) = ("attention.sliding_window_pattern", configuration.blockCount)
        if let flags = settings.list(key) {
            guard flags.count >= count else {
                throw settings.impossible(key, "\(flags.count) flags for \(count) layers")
            }
            isLocal = flags.prefix(count).map { $0 != 0 }
        } else {
            let stored = try settings.integer(key, in: 0...count + 1, default: period)
            isLocal = (0..<count).map { stored == 0 || $0 % stored < stored - 1 }
        }
    }

    package func contains(_ layer: Int) -> Bool { isLocal[layer] }
}
