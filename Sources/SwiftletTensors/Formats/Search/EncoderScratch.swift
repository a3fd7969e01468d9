/// Working memory of one encoding call: one super-block.
struct EncoderScratch: ~Copyable {
    /// The chosen codes, and those of a trial.
    let codes = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
    let trial = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
    let weights = UnsafeMutablePointer<Float>.allocate(capacity: 256)
    let magnitudes = UnsafeMutablePointer<Float>.allocate(capacity: 256)
    let roots = UnsafeMutablePointer<Float>.allocate(capacity: 256)
    /// For each group of a super-block, at most 16.
    let scales = UnsafeMutablePointer<Float>.allocate(capacity: 16)
    let minimums = UnsafeMutablePointer<Float>.allocate(capacity: 16)
    let groupWeights = UnsafeMutablePointer<Float>.allocate(capacity: 16)
    let scaleCodes = UnsafeMutablePointer<UInt8>.allocate(capacity: 16)
    let minimumCodes = UnsafeMutablePointer<UInt8>.allocate(capacity: 16)

    init() {
        codes.initialize(repeating: 0, count: 256)
        trial.initialize(repeating: 0, count: 256)
        weights.initialize(repeating: 0, count: 256)
        magnitudes.initialize(repeating: 0, count: 256)
        roots.initialize(repeating: 0, count: 256)
        scales.initialize(repeating: 0, count: 16)
        minimums.initialize(repeating: 0, count: 16)
        groupWeights.initialize(repeating: 0, count: 16)
        scaleCodes.initialize(repeating: 0, count: 16)
        minimumCodes.initialize(repeating: 0, count: 16)
    }

    deinit {
        codes.deallocate()
        trial.deallocate()
        weights.deallocate()
        magnitudes.deallocate()
        roots.deallocate()
        scales.deallocate()
        minimums.deallocate()
        groupWeights.deallocate()
        scaleCodes.deallocate()
        minimumCodes.deallocate()
    }
}
