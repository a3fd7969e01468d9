import SwiftletLibrary

/// An event of a pull as programs read it: one JSON object a line, with `event` and what belongs to it.
struct PullEventLine: Encodable {
    let event: String
    var name: String?
    var source: String?
    var file: String?
    var bytes: Int?
    var total: Int?
    var seconds: Double?
    var reason: String?

    init(_ event: PullEvent) {
        switch event {
        case .trying(let source): (self.event, self.source) = ("trying", source)
        case .sourceFailed(let source, let reason):
            (self.event, self.source, self.reason) = ("source-failed", source, reason)
        case .waiting(let what): (self.event, name) = ("waiting", what)
        case .started(let file, let total, let resumed):
            (self.event, self.file, self.total, bytes) = ("started", file, total, resumed)
        case .progress(let file, let bytes, let total):
            (self.event, self.file, self.bytes, self.total) = ("progress", file, bytes, total)
        case .retrying(let file, let seconds, let reason):
            (self.event, self.file, self.seconds, self.reason) = ("retrying", file, seconds, reason)
        case .verifying(let file): (self.event, self.file) = ("verifying", file)
        case .upToDate(let name): (self.event, self.name) = ("up-to-date", name)
        case .finished(let name, let bytes): (self.event, self.name, self.bytes) = ("finished", name, bytes)
        }
    }
}
