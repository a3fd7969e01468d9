/// How an answer is sent: at once or in pieces, and with what beside it.
package struct StreamFields: Sendable, Hashable {
    package var streams: Bool
    /// A last chunk with the numbers of tokens.
    package var includesUsage: Bool
    /// llama.cpp's: chunks that tell of the prompt's progress.
    package var reportsProgress: Bool

    package init(_ fields: Fields) throws {
        streams = try fields.bool("stream") ?? false
        reportsProgress = try fields.bool("return_progress") ?? false
        let options = try fields.fields("stream_options")
        guard options == nil || streams else {
            throw fields.problem("stream_options", "'stream_options' is only allowed when 'stream' is enabled")
        }
        includesUsage = try options?.bool("include_usage") ?? false
    }
}
