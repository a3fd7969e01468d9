import SwiftletTokenizers

// Prefixes that come from disk before a request waits for its turn, and go there once a prompt is computed.
extension Engine {
    /// Whether pages of the request's prompt must come from disk first; makes the prompt's keys.
    func needsLoading(_ job: GenerationJob, _ serving: Serving) -> Bool {
        let prompt = job.request.prompt
        guard let store = serving.store, job.request.usesPrefixCache,
            prompt.count >= options.prefixStore?.minimumTokens ?? .max
        else { return false }
        let size = serving.scheduler.book.pageSize
        job.prefixKeys = PrefixKey.chain(store.identity, prompt, pageSize: size, count: prompt.count / size)
        let count = loadablePages(job, store, serving)
        return count > serving.scheduler.knownPages(of: prompt, count: count).count
    }

    /// Loads for one request after the other, so that the next one finds what the last one did; each then waits for its turn.
    func loadPrefixes(_ serving: Serving) async {
        guard !serving.isLoading else { return }
        serving.isLoading = true
        while let job = serving.loads.first {
            if !job.isCancelled { await loadPrefix(of: job, serving) }
            serving.loads.removeFirst()
            schedule(job, serving)
        }
        serving.isLoading = false
    }

    private func loadPrefix(of job: GenerationJob, _ serving: Serving) async {
        guard let store = serving.store else { return }
        let prompt = job.request.prompt
        let count = loadablePages(job, store, serving)
        let known = serving.scheduler.knownPages(of: prompt, count: count)
        guard known.count < count, serving.scheduler.hold(known, beside: serving.pagesInTransit) else { return }
        serving.pagesInTransit += known.count
        let fresh = serving.scheduler.takePages(count - known.count, beside: serving.pagesInTransit)
        serving.pagesInTransit += fresh.count
        let keys = Array(job.prefixKeys[known.count..<known.count + fresh.count])
        let whole = await store.read(keys, into: PagePlaces(fresh.map { serving.memory[$0] }))
        serving.scheduler.release(Array(fresh[whole...]))
        serving.scheduler.adopt(known + fresh[..<whole], prompt)
        serving.pagesInTransit -= known.count + fresh.count
        serving.counters.loadedTokens += whole * serving.scheduler.book.pageSize
    }

    /// Pages of the prompt that are on disk; its last token is always computed.
    private func loadablePages(_ job: GenerationJob, _ store: PrefixStore, _ serving: Serving) -> Int {
        min(store.leading(job.prefixKeys), (job.request.prompt.count - 1) / serving.scheduler.book.pageSize)
    }

    /// Writes a prompt's pages, which nobody changes any more, while the answer goes on.
    func storePrefix(of job: GenerationJob, _ sequence: SequenceState, _ serving: Serving) {
        guard serving.store != nil, !job.prefixKeys.isEmpty, sequence.pages.count >= job.prefixKeys.count else {
            return
        }
        let (keys, pages) = (job.prefixKeys, Array(sequence.pages[..<job.prefixKeys.count]))
        guard serving.scheduler.hold(pages, beside: serving.pagesInTransit) else { return }
        serving.pagesInTransit += pages.count
        Task { await write(keys, pages) }
    }

    private func write(_ keys: [PrefixKey], _ pages: [Int]) async {
        guard let serving, let store = serving.store else { return }
        await store.write(keys, from: PagePlaces(pages.map { serving.memory[$0] }))
        serving.scheduler.release(pages)
        serving.pagesInTransit -= pages.count
    }
}
