import SwiftletGround

/// An item of a response's output while it is being written.
struct OpenItem: Sendable {
    enum Kind: Sendable, Hashable {
        case reasoning
        case message
        case call(id: String, name: String)
    }

    let kind: Kind
    let id: String
    var text = ""
    var logProbabilities: [JSONValue] = []

    init(_ kind: Kind) {
        self.kind = kind
        id =
            switch kind {
            case .reasoning: ResponseHead.makeID("rs_")
            case .message: ResponseHead.makeID("msg_")
            case .call: ResponseHead.makeID("fc_")
            }
    }

    /// The item's one part of content; calls have none.
    var part: JSONValue? {
        switch kind {
        case .reasoning: ["type": "reasoning_text", "text": .string(text)]
        case .message:
            [
                "type": "output_text", "text": .string(text), "annotations": [], "logprobs": .array(logProbabilities),
            ]
        case .call: nil
        }
    }

    func json(status: String) -> JSONValue {
        var object: JSONObject = ["id": .string(id)]
        // What has just been opened has no content yet.
        let content: JSONValue = .array(status == "in_progress" ? [] : part.map { [$0] } ?? [])
        switch kind {
        case .reasoning:
            object["type"] = "reasoning"
            object["summary"] = []
            object["content"] = content
        case .message:
            object["type"] = "message"
            object["role"] = "assistant"
            object["content"] = content
        case .call(let id, let name):
            object["type"] = "function_call"
            object["call_id"] = .string(id)
            object["name"] = .string(name)
            object["arguments"] = .string(text)
        }
        object["status"] = .string(status)
        return .object(object)
    }
}
