public import SwiftletGround

public enum TemplateDomain: FailureDomain {}

/// What goes wrong with a chat template; the place is "line 3, column 14" of the template.
///
/// Texts name what the template wrote (names, filters, types), never what the conversation holds, except in `raised`,
/// where the problem is the template's own message.
public typealias TemplateError = Failure<TemplateDomain>

extension Failure<TemplateDomain>.Code {
    /// The source is no template that Jinja2 would accept.
    public static var syntax: Self { Self("template-syntax") }
    /// The template called `raise_exception`; the problem is its message.
    public static var raised: Self { Self("template-raised") }
    /// A value that is not defined was used where one is needed.
    public static var undefined: Self { Self("template-undefined") }
    /// An operation does not take values of these types, or a call these arguments.
    public static var type: Self { Self("template-type") }
    /// A value is out of the range that an operation takes.
    public static var value: Self { Self("template-value") }
    /// The template uses a part of Jinja2 that chat templates have no use for, or that Hugging Face forbids them.
    public static var unsupported: Self { Self("template-unsupported") }
    /// The template is larger, deeper, or works longer than its limits allow.
    public static var limit: Self { Self("template-limit") }
}
