import SwiftletGrammars
import SwiftletGround
import SwiftletModels
import SwiftletTemplates

/// Which tools a request's answer may call, how, and in which form the calls are written.
struct CallPlan: Hashable {
    /// Tools that the model is told of.
    let tools: [ToolDefinition]
    let style: AnswerStyle
    /// The answer has to call a tool.
    let isForced: Bool
    private let form: CallForm?
    private let allowsParallel: Bool

    /// Throws if a tool is to be called that the request does not have.
    init(_ request: ChatRequest, style: AnswerStyle, knowsTools: Bool) throws(EngineError) {
        self.style = knowsTools && style.supportsTools ? style : style.withTaggedCalls
        form = self.style.callForm
        // Who names a function wants one call of it.
        if case .named = request.toolChoice {
            allowsParallel = false
        } else {
            allowsParallel = request.allowsParallelCalls
        }
        switch request.toolChoice {
        case .none: (tools, isForced) = ([], false)
        case .auto: (tools, isForced) = (request.tools, false)
        case .required:
            guard !request.tools.isEmpty else {
                throw EngineError(
                    .invalidParameter, "a tool must be called, but the request has none", at: "tool_choice",
                    advice: "Give tools, or let the choice be \"auto\"")
            }
            (tools, isForced) = (request.tools, true)
        case .named(let name):
            guard let tool = request.tools.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
                throw EngineError(
                    .invalidParameter, "names a tool that the request does not have", at: "tool_choice",
                    advice: "Name one of its tools")
            }
            (tools, isForced) = ([tool], true)
        }
    }

    /// An answer without calls.
    static let none = CallPlan(style: .plain)

    private init(style: AnswerStyle) {
        (tools, self.style, isForced, form, allowsParallel) = ([], style, false, nil, false)
    }

    /// What binds the answer; nil if it may be any text.
    ///
    /// Calls are bound from their trigger on, so that a model that begins one ends it well; `format` binds an answer that is
    /// no call.
    func grammar(format: Grammar?) throws -> Grammar? {
        guard !tools.isEmpty, let form else { return format }
        if isForced { return try calls(CallStart(form)) }
        if let format { return .choice([format, try calls(CallStart(form))]) }
        // A bare JSON object may as well be what the user asked for.
        guard !form.trigger.hasPrefix("{") else { return nil }
        return .freeText(until: [form.trigger], then: try calls(CallStart(afterTriggerOf: form)))
    }

    private func calls(_ start: CallStart) throws -> Grammar {
        var parts = [Grammar.literal(start.opening), try call(start.firstCall)]
        if let separator = start.form.separator, allowsParallel {
            let other = Grammar.sequence([.literal(separator), try call(start.form.call)])
            parts.append(.repeated(other, 0...Self.mostCalls - 1))
        }
        return .sequence(parts + [.literal(start.form.closing)])
    }

    /// Calls of one answer; a bound, so that no small model goes on for ever.
    private static let mostCalls = 16

    private func call(_ pieces: [CallForm.Piece]) throws -> Grammar {
        .choice(
            try tools.map { tool in
                .sequence(
                    try pieces.map { piece in
                        switch piece {
                        case .text(let text): .literal(text)
                        case .name: .literal(tool.name)
                        case .arguments: try arguments(of: tool)
                        }
                    })
            })
    }

    private func arguments(of tool: ToolDefinition) throws -> Grammar {
        guard case .object(let schema) = tool.parameters, !schema.isEmpty else { return .anyJSONObject }
        do {
            return try Grammar(jsonSchema: tool.parameters)
        } catch {
            throw error.within("the parameters of tool \"\(tool.name)\"")
        }
    }
}

/// Where a grammar of calls begins.
private struct CallStart: Hashable {
    let opening: String
    let firstCall: [CallForm.Piece]
    let form: CallForm

    init(_ form: CallForm) { (opening, firstCall, self.form) = (form.opening, form.call, form) }

    /// What is left once the trigger has been written.
    init(afterTriggerOf form: CallForm) {
        self.form = form
        if form.opening.hasPrefix(form.trigger) {
            (opening, firstCall) = (String(form.opening.dropFirst(form.trigger.count)), form.call)
        } else if case .text(let text)? = form.call.first, text.hasPrefix(form.trigger) {
            opening = form.opening
            firstCall = [.text(String(text.dropFirst(form.trigger.count)))] + form.call.dropFirst()
        } else {
            (opening, firstCall) = (form.opening, form.call)
        }
    }
}
