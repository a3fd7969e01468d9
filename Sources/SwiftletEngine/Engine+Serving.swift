public import SwiftletGround
import SwiftletModels
import SwiftletTensors
import SwiftletTokenizers

extension Engine {
    /// Makes the cache for requests, which the first request does otherwise.
    ///
    /// Throws if the cache type does not fit the model, the context is longer than the model was trained for, or there is no memory.
    public func prepare() throws(EngineError) { _ = try prepared() }

    private func prepared() throws(EngineError) -> Serving {
        if let serving { return serving }
        let serving = try Serving(model, options)
        self.serving = serving
        return serving
    }

    /// What the engine is doing, and has done.
    public func status() -> EngineStatus { serving?.status ?? EngineStatus() }

    /// Lets a request wait for its turn, or ends it at once.
    func submit(_ job: GenerationJob) {
        guard !job.isCancelled else { return }
        do {
            let serving = try prepared()
            try check(job, serving)
            if needsLoading(job, serving) {
                serving.loads.append(job)
                Task { await loadPrefixes(serving) }
            } else {
                schedule(job, serving)
            }
        } catch {
            serving?.counters.failedRequests += 1
            fail(job, error)
        }
        if let serving { publish(serving) }
    }

    private func fail(_ job: GenerationJob, _ error: any Error) {
        observer?.ended(.failed)
        job.fail(error)
    }

    private func check(_ job: GenerationJob, _ serving: Serving) throws {
        let (request, parameters) = (job.request, job.request.parameters)
        try check(request.prompt, contextLength: serving.scheduler.contextLength)
        try parameters.sampling.validate()
        if let top = parameters.topLogProbabilities, !(0...100).contains(top) {
            throw EngineError(.invalidParameter, "\(top) is not from 0 to 100", at: "topLogProbabilities")
        }
        _ = try model.tokenizer
    }

    /// Hands a request to the scheduler.
    func schedule(_ job: GenerationJob, _ serving: Serving) {
        guard !job.isCancelled else { return }
        let (request, length) = (job.request, serving.scheduler.contextLength)
        job.id = serving.makeID()
        do {
            if let deadline = request.deadline, deadline <= .now { throw EngineError.late }
            let answer = min(request.parameters.maxTokens ?? 1024, 1024)
            try serving.scheduler.submit(
                SequenceState(
                    id: job.id, prompt: request.prompt, client: request.client, priority: request.priority,
                    deadline: request.deadline, usesPrefixes: request.usesPrefixCache,
                    capacity: min(request.prompt.count + max(0, answer), length)))
        } catch Scheduler.Refusal.overloaded(let waiting, let turnover) {
            serving.counters.failedRequests += 1
            return fail(job, EngineError.overloaded(waiting: waiting, retryAfter: turnover))
        } catch {
            serving.counters.failedRequests += 1
            return fail(job, error)
        }
        serving.jobs[job.id] = job
        serving.counters.promptTokens += request.prompt.count
        guard !isServing else { return }
        isServing = true
        Task { await serve() }
    }

    /// The request's listener has gone.
    func cancel(_ job: GenerationJob) {
        guard let serving, serving.jobs.removeValue(forKey: job.id) != nil else { return }
        serving.scheduler.remove(job.id)
        serving.counters.cancelledRequests += 1
        observer?.ended(.cancelled)
        publish(serving)
    }

    /// Takes steps until there is nothing to do; those who submit and cancel get their turn in between.
    private func serve() async {
        while let serving, takeStep(serving) { await Task.yield() }
        isServing = false
    }

    /// False if nothing runs or waits.
    private func takeStep(_ serving: Serving) -> Bool {
        defer { publish(serving) }
        let start = ContinuousClock.now
        let hasRows = serving.scheduler.makePlan(at: start)
        for id in serving.scheduler.plan.expired { end(id, serving, with: EngineError.late) }
        guard hasRows else { return !serving.scheduler.isIdle }
        for id in serving.scheduler.plan.started { begin(id, serving) }
        runPlan(serving)
        serving.scheduler.completed(seconds: (ContinuousClock.now - start) / .seconds(1))
        serving.counters.steps += 1
        for index in serving.scheduler.plan.parts.indices { handOut(serving.scheduler.plan.parts[index], serving) }
        return true
    }

    /// The model step of the plan, and the choice of the tokens that follow it; allocates nothing once steps of its size have been.
    private func runPlan(_ serving: Serving) {
        for (from, to) in serving.scheduler.plan.copies { serving.memory.copy(from, to: to) }
        batch.removeAll()
        serving.sampled.removeAll(keepingCapacity: true)
        for part in serving.scheduler.plan.parts {
            guard let sequence = serving.scheduler[part.slot], let job = serving.jobs[part.id] else { continue }
            let cache = serving.caches[part.slot]
            cache.show(sequence.pages)
            let last = part.positions.count - 1
            batch.append(
                sequence.tokens[part.positions], at: part.positions.lowerBound, cache: cache,
                outputs: part.isLast ? last..<last + 1 : 0..<0)
            if part.isLast { serving.sampled.append(.passUnretained(job)) }
        }
        run(batch) { rows, logits in
            serving.sampled.withUnsafeBufferPointer { jobs in
                guard let jobs = jobs.baseAddress else { return }
                compute.eachRow(
                    rows.count, cost: logits.columns, ChosenRows(logits: logits, jobs: jobs + rows.lowerBound))
            }
        }
    }

    /// A step's results: progress through a prompt, or tokens.
    private func handOut(_ part: StepPlan.Part, _ serving: Serving) {
        guard let job = serving.jobs[part.id], let cached = serving.scheduler[part.slot]?.cached else { return }
        job.report(computed: part.positions.upperBound)
        guard part.isLast else { return }
        do {
            let length = serving.scheduler.contextLength
            let goesOn = try job.advance(&serving.chosen, room: length - part.positions.upperBound)
            serving.counters.generatedTokens += serving.chosen.count
            if let observer { job.tell(observer, cached: cached) }
            guard goesOn else {
                if let sequence = serving.scheduler[part.slot], !sequence.hasBegun {
                    storePrefix(of: job, sequence, serving)
                }
                job.finish(cached: cached, observer)
                return forget(part.id, serving) { $0.finishedRequests += 1 }
            }
            if let sequence = serving.scheduler[part.slot], !sequence.hasBegun {
                storePrefix(of: job, sequence, serving)
            }
            serving.scheduler.append(serving.chosen, to: part.slot)
            if let count = serving.scheduler[part.slot]?.tokens.count, count > length {
                try makeRoom(part.slot, job.request.parameters.overflow, serving)
            }
        } catch {
            end(part.id, serving, with: error)
        }
    }

    private func makeRoom(
        _ slot: Int, _ overflow: GenerationParameters.ContextOverflow, _ serving: Serving
    ) throws(EngineError) {
        guard case .shift(let keep) = overflow else {
            throw EngineError(
                .contextFull, "the context of \(serving.scheduler.contextLength) tokens is full",
                advice: "Ask for a longer --context, or let it shift")
        }
        serving.scheduler.shift(slot, keep: keep)
    }

    /// A request has its first place: only now it gets what chooses its tokens.
    private func begin(_ id: SequenceState.ID, _ serving: Serving) {
        guard let job = serving.jobs[id], !job.hasStarted else { return }
        do {
            let (tokenizer, parameters) = (try model.tokenizer, job.request.parameters)
            let chooser = Chooser(
                try makeSampler(parameters.sampling, tokenizer), job.request.constraint,
                top: parameters.topLogProbabilities, afterChain: parameters.tellsChancesOfSampling,
                vocabularySize: model.configuration.vocabularySize)
            let room = serving.scheduler.contextLength - job.request.prompt.count + 1
            job.start(chooser, Answer(tokenizer, parameters, room: room))
        } catch {
            end(id, serving, with: error)
        }
    }

    private func makeSampler(_ parameters: SamplingParameters, _ tokenizer: any Tokenizer) throws(EngineError)
        -> Sampler
    {
        guard parameters.dryIsActive else { return try Sampler(parameters) }
        return try Sampler(parameters, dryBreakers: dryBreakers.breakers(parameters.drySequenceBreakers, tokenizer))
    }

    private func end(_ id: SequenceState.ID, _ serving: Serving, with error: any Error) {
        if let job = serving.jobs[id] { fail(job, error) }
        forget(id, serving) { $0.failedRequests += 1 }
    }

    private func forget(_ id: SequenceState.ID, _ serving: Serving, _ count: (inout EngineStatus) -> Void) {
        guard serving.jobs.removeValue(forKey: id) != nil else { return }
        serving.scheduler.remove(id)
        count(&serving.counters)
    }
}

extension EngineError {
    fileprivate static var late: Self {
        Self(
            .deadline, "the answer had not begun when its deadline came", advice: "Allow more time, or try again later")
    }
}

/// The choice of the tokens that follow rows of logits.
private struct ChosenRows: RowWork {
    let logits: FloatMatrix
    let jobs: UnsafePointer<Unmanaged<GenerationJob>>

    func callAsFunction(row: Int) {
        jobs[row]._withUnsafeGuaranteedRef {
            $0.choose(UnsafeMutableBufferPointer(start: logits[row: row], count: logits.columns))
        }
    }
}
