import SwiftletTensors

/// Phi-3, Phi-3.5 and Phi-4 mini: Llama's blocks with fused weights, partial RoPE, and long or short RoPE factors.
///
/// arXiv:2404.14219. The sliding window counts here; llama.cpp leaves it out.
enum Phi3: Architecture {
    static let names = ["phi3"]

    static func load(_ weights: WeightSource, _ options: ModelOptions) throws(ModelError) -> Decoder {
        try Llama.load(weights, options, rotary: .halves, scaledFeedForward: false)
    }
}
