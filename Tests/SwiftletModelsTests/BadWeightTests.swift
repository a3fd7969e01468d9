import SwiftletGround
import SwiftletModels
import SwiftletTensors
import Testing

/// Files whose weights are missing or do not fit: an error that names the tensor and says what to do.
@Suite struct BadWeightTests {
    @Test func theSmallModelIsRight() throws {
        #expect(try SmallModel().open().configuration.vocabularySize == 16)
        #expect(try SmallModel.mixture.open().configuration.expertCount == 4)
    }

    @Test(arguments: [SmallModel(), .mixture])
    func aMissingWeightIsNamed(model: SmallModel) throws {
        // Without an output layer the embeddings serve; without a router the block is dense.
        for name in model.weights.keys where !["output.weight", "blk.0.ffn_gate_inp.weight"].contains(name) {
            var model = model
            model.weights[name] = nil
            let error = try #require(model.error(), "\(name)")
            #expect(error.code == .missingTensor)
            #expect(error.place == "small.gguf, tensor \(name)")
            #expect(error.advice != nil)
        }
    }

    @Test func aRouterIsMissing() throws {
        var model = SmallModel.mixture
        model.weights["blk.0.ffn_gate_inp.weight"] = nil
        let error = try #require(model.error())
        #expect(error.code == .missingTensor)
        #expect(error.place == "small.gguf, tensor blk.0.ffn_gate_inp.weight")
    }

    @Test(arguments: [SmallModel(), .mixture])
    func aWrongShapeIsNamed(model: SmallModel) throws {
        for (name, weight) in model.weights {
            for index in weight.shape.indices where (name, index) != ("token_embd.weight", 0) {
                for wrong in [weight.shape[index] + 1, weight.shape[index] * 2, 1, 0] {
                    var model = model
                    model.weights[name]?.shape[index] = wrong
                    let error = try #require(model.error(), "\(name) \(index) \(wrong)")
                    #expect(error.code == .tensorShape)
                    #expect(error.place == "small.gguf, tensor \(name)")
                    #expect(error.advice != nil)
                }
            }
        }
    }

    @Test func theVocabularyIsAsLargeAsTheEmbedding() throws {
        var model = SmallModel()
        model.weights["token_embd.weight"]?.shape[0] = 17
        let error = try #require(model.error())
        #expect(error.place == "small.gguf, tensor output.weight")
        model.weights["token_embd.weight"]?.shape[0] = 0
        #expect(model.error()?.place == "small.gguf, tensor token_embd.weight")
    }

    @Test func otherWeightsMustFitToo() throws {
        for (name, shape) in [
            ("blk.0.attn_q.bias", [31]), ("blk.0.attn_qkv.weight", [63, 32]), ("blk.0.ffn_up.bias", [49]),
            ("blk.0.ffn_up.scale", [2]), ("rope_freqs.weight", [3]), ("rope_freqs.weight", [0]),
        ] {
            var model = SmallModel()
            model.weights[name] = SmallModel.Weight(shape: shape)
            #expect(model.error()?.place == "small.gguf, tensor \(name)")
            #expect(model.error()?.code == .tensorShape)
        }
    }

    /// Any type that has whole blocks is read, integers and doubles too.
    @Test func anyTypeIsRead() throws {
        for type in [ElementType.f16, .i8, .i64, .f64, .q8_0] {
            var model = SmallModel()
            for name in model.weights.keys where model.weights[name]?.shape.last == 32 {
                model.weights[name]?.type = type
            }
            #expect(try model.open().configuration.blockCount == 1)
        }
    }
}
