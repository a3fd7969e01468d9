import SwiftletGround

/// What a model's maker has said about how it is to be used.
struct UsageSettings: Sendable {
    var system: String?
}

extension LoadedModel {
    var settings: UsageSettings { UsageSettings() }
}
