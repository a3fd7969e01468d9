import SwiftletGround
import SwiftletModels
import SwiftletTokenizers

/// An engine's requests: the scheduler, the memory that its pages stand for, and the requests' answers.
final class Serving {
    var scheduler: Scheduler
    let memory: PageMemory
    /// A cache for each of the scheduler's places.
    let caches: [PagedCache]
    var jobs: [SequenceState.ID: GenerationJob] = [:]
    var counters = EngineStatus()
    /// Lists that keep their memory.
    var chosen: [TokenID] = []
    var sampled: [Unmanaged<GenerationJob>] = []
    /// Where prefixes outlive the process.
    let store: PrefixStore?
    /// Requests whose prefixes come from disk, in order.
    var loads: [GenerationJob] = []
    var isLoading = false
    /// Pages that are held for the store.
    var pagesInTransit = 0
    private var lastID = 0

    init(_ model: LanguageModel, _ options: EngineOptions) throws(EngineError) {
        let length = model.contextLength
        guard length <= model.configuration.contextLength else {
            throw EngineError.contextTooLong(length, model)
        }
        guard length > 0 else { throw EngineError(.contextLength, "a context of \(length) tokens is impossible") }
        let layout = try PageLayout(model.decoder.keyValueShape, type: options.cacheType)
        let pages = try MemoryPlan.pages(layout, contextLength: length, limit: options.cacheMemory)
        let memory = try PageMemory(layout, count: pages)
        self.memory = memory
        let book = PageBook(pageCount: pages, pageSize: layout.positions)
        scheduler = Scheduler(
            Scheduler.Limits(
                maxSequences: options.maxSequences, maxWaiting: options.maxWaiting, batchSize: options.batchSize,
                contextLength: length),
            book: book)
        let perSequence = book.pages(for: scheduler.contextLength)
        caches = (0..<max(1, options.maxSequences)).map { _ in PagedCache(memory, capacity: perSequence) }
        chosen.reserveCapacity(Scheduler.mostForced)
        store = options.prefixStore.flatMap { store in
            PrefixKey.identity(model, options, layout).flatMap { PrefixStore(store, identity: $0) }
        }
    }

    /// The scheduler's number for a new request.
    func makeID() -> SequenceState.ID {
        lastID += 1
        return lastID
    }

    var status: EngineStatus {
        var status = counters
        status.running = scheduler.runningCount
        status.waiting = scheduler.waitingCount + loads.count
        status.contextLength = scheduler.contextLength
        status.usedPages = scheduler.book.heldCount
        status.keptPages = scheduler.book.keptCount
        status.totalPages = scheduler.book.pageCount
        status.pageSize = scheduler.book.pageSize
        status.pageBytes = memory.layout.bytes
        status.prefixQueries = scheduler.prefixQueries
        status.prefixHits = scheduler.prefixHits
        status.cachedTokens = scheduler.cachedTokens
        status.preemptions = scheduler.preemptions
        status.storedBytes = store?.byteCount ?? 0
        return status
    }
}

extension EngineError {
    static func contextTooLong(_ length: Int, _ model: LanguageModel) -> Self {
        Self(
            .contextLength,
            "a context of \(length) tokens is longer than the \(model.configuration.contextLength) that the model was trained for",
            advice: "Ask for a shorter --context")
    }
}
