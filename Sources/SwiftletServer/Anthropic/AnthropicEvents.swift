package import SwiftletEngine
package import SwiftletGround

/// Turns the events of an answer into Anthropic's. Whoever wants the message as a whole takes `message` after the last one.
package struct AnthropicEvents: Sendable {
    /// A server-sent event: its name stands in its data, too.
    package struct Event: Sendable, Hashable {
        package let name: String
        package let data: JSONValue
    }

    private enum Block: Hashable {
        case thinking, text
        case tool(id: String, name: String)
    }

    private let head: ResponseHead
    private var hasBegun = false
    private var promptTokens = 0
    private var open: Block?
    private var text = ""
    private var blocks: [JSONValue] = []
    private var result: ChatResult?

    package init(_ head: ResponseHead) { self.head = head }

    package mutating func events(of event: ChatEvent) -> [Event] {
        switch event {
        case .prompt(_, let total):
            promptTokens = total
            return begin()
        case .token: return begin()
        case .reasoning(let text): return begin() + delta(.thinking, text)
        case .content(let text): return begin() + delta(.text, text)
        case .toolCallStart(_, let id, let name):
            return begin() + start(.tool(id: AnthropicMessages.prefix + id, name: name))
        case .toolCallArguments(_, let text): return delta(open ?? .text, text)
        case .toolCallEnd: return close()
        case .finished(let result):
            let events = begin() + close()
            self.result = result
            return events + [
                self.event(
                    "message_delta",
                    ["delta": ["stop_reason": stopReason, "stop_sequence": stopSequence], "usage": usage]),
                self.event("message_stop"),
            ]
        }
    }

    /// The message as far as it has come.
    package var message: JSONValue {
        [
            "id": .string("msg_" + head.id), "type": "message", "role": "assistant", "model": .string(head.model),
            "content": .array(blocks), "stop_reason": stopReason, "stop_sequence": stopSequence, "usage": usage,
        ]
    }

    private var stopReason: JSONValue {
        switch result?.end {
        case nil: .null
        case .length: "max_tokens"
        case .toolCalls: "tool_use"
        case .stop: result?.generation.stopText == nil ? "end_turn" : "stop_sequence"
        }
    }

    private var stopSequence: JSONValue { result?.generation.stopText.map { .string($0) } ?? .null }

    /// Tokens that were in the cache do not count as input again.
    private var usage: JSONValue {
        let cached = result?.generation.cachedTokens ?? 0
        let prompt = result?.generation.promptTokens ?? promptTokens
        return [
            "input_tokens": .integer(Int64(prompt - cached)), "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": .integer(Int64(cached)),
            "output_tokens": .integer(Int64(result?.generation.tokens.count ?? 0)),
        ]
    }

    private mutating func begin() -> [Event] {
        guard !hasBegun else { return [] }
        hasBegun = true
        return [event("message_start", ["message": message]), event("ping")]
    }

    private mutating func delta(_ block: Block, _ piece: String) -> [Event] {
        let started = open == block ? [] : start(block)
        text += piece
        let delta: JSONValue =
            switch block {
            case .thinking: ["type": "thinking_delta", "thinking": .string(piece)]
            case .text: ["type": "text_delta", "text": .string(piece)]
            case .tool: ["type": "input_json_delta", "partial_json": .string(piece)]
            }
        return started + [indexed("content_block_delta", ["delta": delta])]
    }

    private mutating func start(_ block: Block) -> [Event] {
        let closed = close()
        open = block
        return closed + [indexed("content_block_start", ["content_block": json(block)])]
    }

    private mutating func close() -> [Event] {
        guard let block = open else { return [] }
        var events: [Event] = []
        if block == .thinking {
            events.append(indexed("content_block_delta", ["delta": ["type": "signature_delta", "signature": ""]]))
        }
        events.append(indexed("content_block_stop", JSONObject()))
        blocks.append(json(block))
        (open, text) = (nil, "")
        return events
    }

    /// The block with the text that it has by now.
    private func json(_ block: Block) -> JSONValue {
        switch block {
        // Only Anthropic's own models sign what they think.
        case .thinking: ["type": "thinking", "thinking": .string(text), "signature": ""]
        case .text: ["type": "text", "text": .string(text)]
        case .tool(let id, let name):
            [
                "type": "tool_use", "id": .string(id), "name": .string(name),
                "input": (try? JSONValue(parsing: text)).flatMap { $0.object }.map { .object($0) }
                    ?? .object(JSONObject()),
            ]
        }
    }

    private func indexed(_ name: String, _ members: JSONObject) -> Event {
        var all: JSONObject = ["index": .integer(Int64(blocks.count))]
        for member in members { all[member.key] = member.value }
        return event(name, all)
    }

    private func event(_ name: String, _ members: JSONObject = JSONObject()) -> Event {
        var data: JSONObject = ["type": .string(name)]
        for member in members { data[member.key] = member.value }
        return Event(name: name, data: .object(data))
    }
}
