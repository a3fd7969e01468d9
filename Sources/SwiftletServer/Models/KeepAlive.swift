import SwiftletGround

/// How long a model stays loaded after its last request.
enum KeepAlive: Sendable, Hashable {
    case forever
    /// 0 unloads it at once.
    case duration(Duration)

    /// Ollama's forms: seconds as a number, or a duration as Go writes it ("5m", "1h30m"); below zero is for ever.
    init(_ value: JSONValue, at place: String) throws(ServerError) {
        if let seconds = value.number {
            self.init(seconds: seconds)
        } else if let text = value.string, let seconds = Double(text) ?? TimeSpan.seconds(goDuration: text) {
            self.init(seconds: seconds)
        } else {
            throw ServerError(.invalid, "is no duration; give seconds or a text like \"5m\"", at: place)
        }
    }

    private init(seconds: Double) {
        // A hundred years is for ever, and no overflow.
        self = seconds < 0 || seconds > 3.2e9 || seconds.isNaN ? .forever : .duration(.seconds(seconds))
    }
}
