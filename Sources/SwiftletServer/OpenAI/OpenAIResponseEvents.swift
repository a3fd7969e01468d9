package import SwiftletEngine
package import SwiftletGround

/// Turns the events of an answer into those of a response, in the order that OpenAI sends them. Whoever wants the response
/// as a whole takes `response` after the last one.
package struct OpenAIResponseEvents: Sendable {
    /// A server-sent event: its name stands in its data, too.
    package struct Event: Sendable, Hashable {
        package let name: String
        package let data: JSONValue
    }

    private let head: ResponseHead
    private let echo: JSONObject
    private let logProbabilities: LogProbabilities?
    private var pending: LogProbabilities?
    private var sequence: Int64 = 0
    private var items: [JSONValue] = []
    private var open: OpenItem?
    private var tally = AnswerTally()
    private var result: ChatResult?

    /// `speller` writes log probabilities; nil for none.
    package init(_ head: ResponseHead, echo: JSONObject, speller: TokenSpeller? = nil) {
        (self.head, self.echo) = (head, echo)
        logProbabilities = speller.map(LogProbabilities.init)
        pending = logProbabilities
    }

    /// The events before the first of the answer.
    package mutating func begin() -> [Event] {
        ["response.created", "response.in_progress"].map { event($0, ["response": response]) }
    }

    package mutating func events(of event: ChatEvent) -> [Event] {
        tally.take(event)
        switch event {
        case .prompt: return []
        case .token(let token):
            pending?.append(token)
            return []
        case .reasoning(let text):
            pending?.drop()
            return open(.reasoning) + [delta("response.reasoning_text.delta", text)]
        case .content(let text):
            let numbers = pending?.take() ?? []
            return open(.message) + [delta("response.output_text.delta", text, numbers)]
        case .toolCallStart(_, let id, let name):
            pending?.drop()
            return close("completed") + add(OpenItem(.call(id: id, name: name)))
        case .toolCallArguments(_, let text):
            pending?.drop()
            return [delta("response.function_call_arguments.delta", text)]
        case .toolCallEnd: return close("completed")
        case .finished(let result):
            let events = close(result.end == .length ? "incomplete" : "completed")
            self.result = result
            return events + [self.event("response." + status, ["response": response])]
        }
    }

    /// What a response that broke off ends with.
    package mutating func failure(_ code: String, _ message: String) -> Event {
        guard case .object(var object) = response else { return event("error", JSONObject()) }
        object["status"] = "failed"
        object["error"] = ["code": .string(code), "message": .string(message)]
        return event("response.failed", ["response": .object(object)])
    }

    private var status: String {
        switch result?.end {
        case nil: "in_progress"
        case .length: "incomplete"
        case .stop, .toolCalls: "completed"
        }
    }

    private var incompletion: JSONValue { result?.end == .length ? ["reason": "max_output_tokens"] : .null }

    /// The response as far as it has come.
    package var response: JSONValue {
        var object = JSONObject([
            ("id", .string("resp_" + head.id)), ("object", "response"), ("created_at", .integer(Int64(head.created))),
            ("status", .string(status)), ("background", false), ("error", nil),
            ("incomplete_details", incompletion),
            ("model", .string(head.model)), ("output", .array(items)), ("previous_response_id", nil),
            ("service_tier", "default"), ("store", false), ("truncation", "disabled"),
        ])
        for member in echo { object[member.key] = member.value }
        var usage = OpenAIUsage()
        if let result { usage.add(result.generation, tally, isFirst: true) }
        object["usage"] = result == nil ? .null : usage.responsesJSON
        return .object(object)
    }

    // MARK: items

    private mutating func open(_ kind: OpenItem.Kind) -> [Event] {
        if open?.kind == kind { return [] }
        let item = OpenItem(kind)
        var events = close("completed") + add(item)
        if let part = item.part {
            events.append(positioned("response.content_part.added", item, ["content_index": 0, "part": part]))
        }
        return events
    }

    private mutating func add(_ item: OpenItem) -> [Event] {
        open = item
        return [
            event(
                "response.output_item.added",
                ["output_index": .integer(Int64(items.count)), "item": item.json(status: "in_progress")])
        ]
    }

    private mutating func delta(_ name: String, _ text: String, _ tokens: [GeneratedToken] = []) -> Event {
        open?.text += text
        var members: JSONObject = ["delta": .string(text)]
        if open?.part != nil { members["content_index"] = 0 }
        if open?.kind == .message {
            let numbers = logProbabilities?.json(tokens) ?? []
            open?.logProbabilities += numbers.array ?? []
            members["logprobs"] = numbers
        }
        return positioned(name, open ?? OpenItem(.message), members)
    }

    private mutating func close(_ status: String) -> [Event] {
        guard let item = open else { return [] }
        var events: [Event] = []
        switch item.kind {
        case .reasoning:
            events.append(
                positioned("response.reasoning_text.done", item, ["content_index": 0, "text": .string(item.text)]))
        case .message:
            let members: JSONObject = [
                "content_index": 0, "text": .string(item.text), "logprobs": .array(item.logProbabilities),
            ]
            events.append(positioned("response.output_text.done", item, members))
        case .call(_, let name):
            let members: JSONObject = ["name": .string(name), "arguments": .string(item.text)]
            events.append(positioned("response.function_call_arguments.done", item, members))
        }
        if let part = item.part {
            events.append(positioned("response.content_part.done", item, ["content_index": 0, "part": part]))
        }
        let json = item.json(status: status)
        events.append(
            event("response.output_item.done", ["output_index": .integer(Int64(items.count)), "item": json]))
        items.append(json)
        open = nil
        return events
    }

    /// An event about an item.
    private mutating func positioned(_ name: String, _ item: OpenItem, _ members: JSONObject) -> Event {
        var all: JSONObject = ["item_id": .string(item.id), "output_index": .integer(Int64(items.count))]
        for member in members { all[member.key] = member.value }
        return event(name, all)
    }

    private mutating func event(_ name: String, _ members: JSONObject) -> Event {
        defer { sequence += 1 }
        var data: JSONObject = ["type": .string(name), "sequence_number": .integer(sequence)]
        for member in members { data[member.key] = member.value }
        return Event(name: name, data: .object(data))
    }
}
