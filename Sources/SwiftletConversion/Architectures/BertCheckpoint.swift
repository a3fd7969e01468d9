import SwiftletGround
import SwiftletModelFiles

/// BERT and its kin as encoders of sentences: all-MiniLM, BGE (conversion/bert.py).
enum BertCheckpoint: CheckpointArchitecture {
    // Who it is
    static let name = "bert"
    static let classes = ["BertModel", "BertForMaskedLM", "BertForSequenceClassification"]
    static let defaults: JSONObject = ["layer_norm_eps": 1e-12, "max_position_embeddings": 512, "type_vocab_size": 2]

    // Settings
    static func writeSettings(_ model: CheckpointModel, into metadata: inout GGUFMetadata) throws(ConversionError) {
        try model.writeCommonSettings(into: &metadata)
        metadata[model.key("attention.causal")] = .bool(false)
        try model.writePooling(into: &metadata)
        if let labels = labels(model) { metadata[model.key("classifier.output_labels")] = .array(labels) }
    }

    /// What the model was trained with and GGUF has no keys for: ours come after all others.
    ///
    /// Where sentence-transformers cuts texts, and how many characters a word has at most (longer ones are unknown).
    private static func writeLimits(
        _ model: CheckpointModel, into metadata: inout GGUFMetadata
    ) throws(ConversionError) {
        if let limit = try model.checkpoint.json("sentence_bert_config.json")?["max_seq_length"]?.integer,
            let length = try model.configuration.integer(ifPresent: "max_position_embeddings"), limit > 0,
            limit < length
        {
            metadata["swiftlet.max_sequence_length"] = .uint32(UInt32(limit))
        }
        let stored = try model.checkpoint.json("tokenizer.json")?["model"]?["max_input_chars_per_word"]?.integer
        metadata["swiftlet.max_word_length"] = .uint32(UInt32(clamping: stored ?? 100))
    }

    /// The classes of a classifier in the order of their numbers; nil for the two without names.
    private static func labels(_ model: CheckpointModel) -> [String]? {
        guard let labels = model.configuration["id2label"]?.object, !labels.isEmpty else { return nil }
        if labels.count == 2, labels["0"]?.string == "LABEL_0" { return nil }
        return labels.sorted { (Int($0.key) ?? 0) < (Int($1.key) ?? 0) }.map { $0.value.string ?? "" }
    }

    // Vocabulary
    static func writeVocabulary(_ model: CheckpointModel, into metadata: inout GGUFMetadata) throws(ConversionError) {
        let types = try model.configuration.integer(ifPresent: "type_vocab_size") ?? 1
        metadata["tokenizer.ggml.token_type_count"] = .uint32(UInt32(types))
        try VocabularyWriter(model).writeWordPiece(into: &metadata)
        try writeLimits(model, into: &metadata)
    }

    // Tensors
    static let names: TensorNames = [
        ("embeddings.word_embeddings", "token_embd"),
        ("embeddings.position_embeddings", "position_embd"),
        ("embeddings.token_type_embeddings", "token_types"),
        ("embeddings.LayerNorm", "token_embd_norm"),
        ("encoder.layer.{}.attention.self.query", "blk.{}.attn_q"),
        ("encoder.layer.{}.attention.self.key", "blk.{}.attn_k"),
        ("encoder.layer.{}.attention.self.value", "blk.{}.attn_v"),
        ("encoder.layer.{}.attention.output.dense", "blk.{}.attn_output"),
        ("encoder.layer.{}.attention.output.LayerNorm", "blk.{}.attn_output_norm"),
        ("encoder.layer.{}.intermediate.dense", "blk.{}.ffn_up"),
        ("encoder.layer.{}.output.dense", "blk.{}.ffn_down"),
        ("encoder.layer.{}.output.LayerNorm", "blk.{}.layer_output_norm"),
        ("classifier.dense", "cls"),
        ("classifier", "cls"),
        ("classifier.out_proj", "cls.output"),
    ]

    static func filtered(_ name: String) -> String? {
        var name = name
        if name.hasPrefix("bert.") { name.removeFirst(5) }
        if name.hasSuffix(".gamma") { name = name.dropLast(6) + ".weight" }
        if name.hasSuffix(".beta") { name = name.dropLast(5) + ".bias" }
        // What is for training only: the pooling layer and the heads.
        if ["embeddings.position_ids", "pooler.dense.weight", "pooler.dense.bias"].contains(name)
            || name.hasPrefix("cls.predictions") || name.hasPrefix("cls.seq_relationship")
        {
            return nil
        }
        return withoutWrapping(name)
    }

    static func converted(_ tensor: NamedWeight, _ model: CheckpointModel) throws(ConversionError) -> [NamedWeight] {
        var tensor = tensor
        if labels(model) != nil, tensor.name == "classifier.weight" || tensor.name == "classifier.bias" {
            tensor.name = tensor.name.replacing("classifier.", with: "classifier.out_proj.")
        }
        return [try renamed(tensor)]
    }

    // The way back
    static let modelType = "bert"

    static func exportedSettings(_ file: GGUFMetadata) throws(ConversionError) -> JSONObject {
        ["hidden_act": "gelu", "position_embedding_type": "absolute"]
    }
}
