import SwiftletGround
import SwiftletServer
import Testing

/// Requests that make no sense, as schemathesis found them (dev/openapi): each is refused, and the server's own fault none.
@Suite struct RefusalTests {
    @Test(
        .enabled(if: TestModel.isThere),
        arguments: [
            // The vocabulary has no tokens for these bytes.
            ("/v1/completions", #""prompt":"a","structured_outputs":{"choice":["\ud938\udd61"]},"max_tokens":4"#),
            ("/completion", #""prompt":"a","grammar":"root ::= \"\ud938\udd61\"","n_predict":4"#),
            // Also where a model is only loaded.
            ("/api/generate", #""options":{"repeat_last_n":-5}"#), ("/api/chat", #""options":{"stop":5}"#),
            ("/api/generate", #""options":{"num_keep":-1}"#), ("/api/chat", #""name":{}"#),
            // Also where there is nothing to do.
            ("/tokenize", #""with_pieces":{}"#),
            (
                "/v1/messages/count_tokens",
                #""messages":[{"role":"user","content":"a"}],"tool_choice":{"type":"auto","name":5}"#
            ),
            ("/v1/responses", #""input":"a","max_output_tokens":4,"top_logprobs":21"#),
            ("/api/create", #""from":"smol","template":"{{""#),
        ])
    func theyAreRefused(path: String, members: String) async throws {
        try await LiveServer.run { server in
            let answer = try await server.send("POST", path, text: #"{"model":"smol","# + members + "}")
            #expect(answer.status == 400, "\(answer.text.prefix(200))")
        }
    }

    @Test(.enabled(if: TestModel.isThere), arguments: ["", "-1", "soon", "nan"])
    func timesToWaitAreReadWhereNothingWaits(wait: String) async throws {
        try await LiveServer.run { server in
            for path in ["/api/generate", "/api/chat", "/tokenize"] {
                let answer = try await server.send(
                    "POST", path, text: #"{"model":"smol"}"#, headers: [("X-Max-Wait", wait)])
                #expect(answer.status == 400, "\(path)")
            }
        }
    }
}
