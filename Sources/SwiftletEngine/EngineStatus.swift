/// What an engine is doing, and has done since its start.
public struct EngineStatus: Sendable, Hashable {
    /// Requests that take part in steps.
    public var running = 0
    /// Requests that wait for a place.
    public var waiting = 0
    /// Most tokens of a prompt and its answer.
    public var contextLength = 0
    /// Pages of the KV cache that running requests hold.
    public var usedPages = 0
    /// Pages that hold computed prefixes which no running request needs.
    public var keptPages = 0
    public var totalPages = 0
    /// Positions of a page.
    public var pageSize = 0
    /// Bytes of a page.
    public var pageBytes = 0
    /// Requests that looked for a computed prefix, and those that found one.
    public var prefixQueries = 0
    public var prefixHits = 0
    /// Prompt tokens that were asked for, and those whose keys and values were there already.
    public var promptTokens = 0
    public var cachedTokens = 0
    /// Tokens whose keys and values came from disk.
    public var loadedTokens = 0
    /// Bytes of the prefixes on disk.
    public var storedBytes = 0
    public var generatedTokens = 0
    public var finishedRequests = 0
    public var cancelledRequests = 0
    /// Requests that were refused or ended by an error.
    public var failedRequests = 0
    /// Times that a running request had to give its pages to another and wait.
    public var preemptions = 0
    public var steps = 0

    public init() {}
}
