import ArgumentParser
import SwiftletEngine

/// The samplers' settings by the names of llama.cpp; what is not given stays as it is, so that a chat's /set can parse
/// the same options.
struct SamplingArguments: ParsableArguments {
    @Option(
        name: [.long, .customLong("temp")], parsing: .unconditional,
        help: ArgumentHelp("0 always takes the most likely token (default: 0.8).", valueName: "t"))
    var temperature: Float?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Choose among the k most likely tokens; 0 for all (default: 40).", valueName: "k"))
    var topK: Int?

    @Option(help: ArgumentHelp("... among those that reach this probability together (default: 0.95).", valueName: "p"))
    var topP: Float?

    @Option(help: ArgumentHelp("... at least p times as likely as the likeliest (default: 0.05).", valueName: "p"))
    var minP: Float?

    @Option(
        name: [.long, .customLong("typical-p")],
        help: ArgumentHelp("... of typical surprise; 1 is off (default: 1).", valueName: "p"))
    var typical: Float?

    @Option(
        name: [.customLong("top-n-sigma"), .customLong("top-nsigma")], parsing: .unconditional,
        help: ArgumentHelp("... with a logit within n deviations of the greatest; -1 is off.", valueName: "n"))
    var topNSigma: Float?

    @Option(name: [.short, .long], help: ArgumentHelp("The same seed gives the same answer.", valueName: "n"))
    var seed: UInt64?

    @Option(help: ArgumentHelp("Divides the logits of tokens seen lately; 1 is off (default: 1).", valueName: "x"))
    var repeatPenalty: Float?

    @Option(help: ArgumentHelp("How many tokens are \"lately\" (default: 64).", valueName: "n"))
    var repeatLastN: Int?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Subtracted from the logits of tokens seen lately.", valueName: "x")
    )
    var presencePenalty: Float?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Subtracted for each time that a token was seen lately.", valueName: "x"))
    var frequencyPenalty: Float?

    @Option(help: ArgumentHelp("DRY: strength against repeated sequences; 0 is off.", valueName: "x"))
    var dryMultiplier: Float?

    @Option(help: ArgumentHelp("DRY: growth with the sequence's length (default: 1.75).", valueName: "x"))
    var dryBase: Float?

    @Option(help: ArgumentHelp("DRY: longest sequence without penalty (default: 2).", valueName: "n"))
    var dryAllowedLength: Int?

    @Option(help: ArgumentHelp("DRY: how far back it looks (default: 64).", valueName: "n"))
    var dryPenaltyLastN: Int?

    @Option(
        help: ArgumentHelp("DRY: a text that sequences do not cross; repeatable, \"none\" for none.", valueName: "s"))
    var drySequenceBreaker: [String] = []

    @Option(help: ArgumentHelp("XTC: how often the top choices are left out; 0 is off.", valueName: "p"))
    var xtcProbability: Float?

    @Option(help: ArgumentHelp("XTC: from which probability a choice is a top one (default: 0.1).", valueName: "p"))
    var xtcThreshold: Float?

    @Option(
        name: [.customLong("dynatemp-range")],
        help: ArgumentHelp("Temperature moves by as much with the entropy; 0 is off.", valueName: "t"))
    var dynamicTemperatureRange: Float?

    @Option(
        name: [.customLong("dynatemp-exp")],
        help: ArgumentHelp("How entropy maps to temperature (default: 1).", valueName: "x"))
    var dynamicTemperatureExponent: Float?

    @Option(help: ArgumentHelp("1 or 2: aim at a surprise instead of the samplers above; 0 is off.", valueName: "v"))
    var mirostat: Int?

    @Option(
        name: [.customLong("mirostat-tau"), .customLong("mirostat-ent")],
        help: ArgumentHelp("Mirostat's surprise in bits (default: 5).", valueName: "x"))
    var mirostatTau: Float?

    @Option(
        name: [.customLong("mirostat-eta"), .customLong("mirostat-lr")],
        help: ArgumentHelp("Mirostat's learning rate (default: 0.1).", valueName: "x"))
    var mirostatEta: Float?

    @Option(
        help: ArgumentHelp("Added to a token's logit, -inf forbids it: 42=-inf, 17=1.5; repeatable.", valueName: "id=x")
    )
    var logitBias: [LogitBias] = []

    @Option(
        help: ArgumentHelp(
            "The samplers and their order (default: \(Self.text(of: SamplingParameters.defaultOrder))).",
            valueName: "list"
        ), transform: Self.order)
    var samplers: [SamplingParameters.Stage]?

    static func text(of order: [SamplingParameters.Stage]) -> String {
        order.map(\.rawValue).joined(separator: ";")
    }

    private static func order(_ text: String) throws -> [SamplingParameters.Stage] {
        try text.split { ";,".contains($0) }.map { name in
            guard let stage = SamplingParameters.Stage(rawValue: String(name)) else {
                throw ValidationError(
                    "\"\(name)\" is no sampler; there are \(Self.text(of: SamplingParameters.Stage.allCases))")
            }
            return stage
        }
    }
}

extension SamplingArguments {
    /// Sets what was given; throws if the result makes no sense.
    func apply(to parameters: inout SamplingParameters) throws {
        func set<Value>(_ value: inout Value, _ given: Value?) {
            if let given { value = given }
        }
        set(&parameters.temperature, temperature)
        set(&parameters.topK, topK)
        set(&parameters.topP, topP)
        set(&parameters.minP, minP)
        set(&parameters.typicalP, typical)
        set(&parameters.topNSigma, topNSigma)
        if let seed { parameters.seed = seed }
        set(&parameters.repeatPenalty, repeatPenalty)
        set(&parameters.repeatLastN, repeatLastN)
        set(&parameters.presencePenalty, presencePenalty)
        set(&parameters.frequencyPenalty, frequencyPenalty)
        set(&parameters.dryMultiplier, dryMultiplier)
        set(&parameters.dryBase, dryBase)
        set(&parameters.dryAllowedLength, dryAllowedLength)
        set(&parameters.dryPenaltyLastN, dryPenaltyLastN)
        if !drySequenceBreaker.isEmpty { parameters.drySequenceBreakers = drySequenceBreaker.filter { $0 != "none" } }
        set(&parameters.xtcProbability, xtcProbability)
        set(&parameters.xtcThreshold, xtcThreshold)
        set(&parameters.dynamicTemperatureRange, dynamicTemperatureRange)
        set(&parameters.dynamicTemperatureExponent, dynamicTemperatureExponent)
        if let mirostat {
            guard let version = SamplingParameters.Mirostat(rawValue: mirostat) else {
                throw ValidationError("--mirostat must be 0, 1 or 2")
            }
            parameters.mirostat = version
        }
        set(&parameters.mirostatTau, mirostatTau)
        set(&parameters.mirostatEta, mirostatEta)
        for bias in logitBias { parameters.logitBias[bias.token] = bias.value }
        set(&parameters.order, samplers)
        do {
            try parameters.validate()
        } catch {
            throw ValidationError("\(error)")
        }
    }
}

/// `42=-inf`; also llama.cpp's `42+1.5` and `42-inf`, and `42=false` for a ban.
struct LogitBias: ExpressibleByArgument {
    let token: Int32
    let value: Float

    init?(argument: String) {
        let digits = argument.prefix(while: \.isNumber)
        guard let token = Int32(digits), let sign = argument.dropFirst(digits.count).first else { return nil }
        let rest = argument.dropFirst(digits.count + (sign == "=" ? 1 : 0))
        guard let value = rest == "false" ? -.infinity : Float(rest), !value.isNaN else { return nil }
        (self.token, self.value) = (token, value)
    }
}
