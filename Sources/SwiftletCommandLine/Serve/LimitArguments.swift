import ArgumentParser

/// What clients may take, on the command line.
struct LimitArguments: ParsableArguments {
    @Option(help: .setting("connections")) var connections: String?
    @Option(help: .setting("connections-per-address")) var connectionsPerAddress: String?
    @Option(help: .setting("head-size")) var headSize: String?
    @Option(help: .setting("head-fields")) var headFields: String?
    @Option(help: .setting("head-time")) var headTime: String?
    @Option(help: .setting("idle-time")) var idleTime: String?
    @Option(help: .setting("body-time")) var bodyTime: String?
    @Option(help: .setting("answer-time")) var answerTime: String?
    @Option(help: .setting("minimum-rate")) var minimumRate: String?
    @Option(help: .setting("pipelined-requests")) var pipelinedRequests: String?
    @Option(help: .setting("unread-answer")) var unreadAnswer: String?
    @Option(help: .setting("bodies-in-memory")) var bodiesInMemory: String?
    @Option(help: .setting("json-values")) var jsonValues: String?

    /// What was given, by the settings' names.
    var given: [String: String?] {
        [
            "connections": connections, "connections-per-address": connectionsPerAddress, "head-size": headSize,
            "head-fields": headFields, "head-time": headTime, "idle-time": idleTime, "body-time": bodyTime,
            "answer-time": answerTime, "minimum-rate": minimumRate, "pipelined-requests": pipelinedRequests,
            "unread-answer": unreadAnswer, "bodies-in-memory": bodiesInMemory, "json-values": jsonValues,
        ]
    }
}
