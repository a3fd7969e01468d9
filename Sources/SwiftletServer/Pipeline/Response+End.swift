import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    /// The same answer; `end` is called when all of it is there, before the client can know that: now, or, where it comes as a
    /// stream, after its last record, with what broke it off.
    consuming func ending(_ end: @escaping @Sendable ((any Error)?) async -> Void) async -> Response {
        // Only a stream goes on after its handler.
        guard body.contentLength == nil else {
            await end(nil)
            return self
        }
        let whole = body
        body = ResponseBody { writer in
            do {
                try await whole.write(EndingWriter(base: writer, end: end))
            } catch {
                await end(error)
                throw error
            }
        }
        return self
    }
}

/// Says that a body ends, and waits for what that brings about, before the last bytes that tell the client so.
private struct EndingWriter: ResponseBodyWriter {
    var base: any ResponseBodyWriter
    let end: @Sendable ((any Error)?) async -> Void

    mutating func write(_ buffer: ByteBuffer) async throws { try await base.write(buffer) }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        await end(nil)
        try await base.finish(trailingHeaders)
    }
}
