/// What one template may use up; a template comes with a model file and is not trusted.
public struct TemplateLimits: Sendable {
    /// Bytes of the source.
    public var sourceBytes = 1 << 20
    /// Nesting of blocks and expressions in the source.
    public var sourceDepth = 160
    /// Steps of a render: statements, operators, elements and, in part, bytes looked at. About 100 ns each.
    public var steps = 10_000_000
    /// Bytes of all strings and lists that a render makes, whether it keeps them or not.
    public var madeBytes = 256 << 20
    /// Bytes of the rendered text.
    public var outputBytes = 32 << 20
    /// Nesting of evaluation, macros that call macros included.
    public var runDepth = 600
    /// Nesting of lists and dictionaries.
    public var valueDepth = 512

    public init() {}

    /// Enough for a conversation of some megabytes with any known template.
    public static var usual: TemplateLimits { TemplateLimits() }
}
