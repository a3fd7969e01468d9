import Hummingbird

extension Response {
    /// The same answer; `end` is called when all of it is there: now, or, where it comes as a stream, after its last byte, with
    /// what broke it off.
    consuming func ending(_ end: @escaping @Sendable ((any Error)?) -> Void) -> Response {
        // Only a stream goes on after its handler.
        guard body.contentLength == nil else {
            end(nil)
            return self
        }
        let whole = body
        body = ResponseBody { writer in
            do {
                try await whole.write(writer)
            } catch {
                end(error)
                throw error
            }
            end(nil)
        }
        return self
    }
}
