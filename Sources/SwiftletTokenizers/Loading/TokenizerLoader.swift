/// Makes tokenizers from descriptions: GGUF metadata, or Hugging Face's `tokenizer.json`.
public enum TokenizerLoader {
    static let prefix = "tokenizer.ggml."
    static let incompleteAdvice = "The file is incomplete: convert the model again"
}
