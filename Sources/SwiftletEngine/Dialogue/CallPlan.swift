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
        allowsParallel = request.allowsParallelCalls
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
}
