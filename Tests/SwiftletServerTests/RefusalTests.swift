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
            (
                "/v1/responses",
                ##""input":"a","text":{"format":{"type":"json_schema","name":{},"schema":{"type":"object"}}}"##
            ),
            ("/v1/responses", #""input":[{"type":"function_call","call_id":"","name":"","arguments":5}]"#),
            ("/v1/completions", #""prompt":"a","samplers":"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk","max_tokens":1"#),
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

    /// Loading a model costs seconds and may throw another one out: not for what is wrong with any model.
    @Test(.enabled(if: TestModel.isThere)) func nothingIsLoadedForThem() async throws {
        try await LiveServer.run { server in
            func loaded() async throws -> Int? { try await server.send("GET", "/api/ps").json["models"]?.array?.count }
            let chat = #""messages":[{"role":"user","content":"a"}],"max_tokens":1"#
            for (path, members) in [
                ("/v1/chat/completions", chat + #","temperature":9"#), ("/v1/chat/completions", #""messages":5"#),
                ("/v1/chat/completions", chat + #","logit_bias":{"a":{}}"#),
                ("/v1/completions", #""prompt":[]"#), ("/v1/completions", #""prompt":[-1]"#),
                ("/v1/responses", #""input":{}"#), ("/v1/messages", #""messages":[]"#),
                ("/completion", #""prompt":"a","n_probs":-1"#), ("/infill", #""input_prefix":5"#),
                ("/apply-template", #""messages":5"#), ("/api/chat", #""messages":5"#),
                ("/api/generate", #""prompt":"a","options":{"top_p":7}"#),
            ] {
                let answer = try await server.send("POST", path, text: #"{"model":"smol","# + members + "}")
                #expect(answer.status == 400, "\(path) \(members): \(answer.text.prefix(200))")
            }
            let late = try await server.send(
                "POST", "/v1/chat/completions", text: #"{"model":"smol","# + chat + "}",
                headers: [("X-Max-Wait", "soon")])
            #expect(late.status == 400)
            #expect(try await loaded() == 0)
            // What only the vocabulary can tell is right, or wrong, once the model is there.
            let bias = try await server.send(
                "POST", "/v1/completions",
                text: #"{"model":"smol","prompt":["The"," sky"],"max_tokens":3,"logit_bias":{" blue":100}}"#)
            #expect(bias.status == 200, "\(bias.text)")
            let unknown = try await server.send(
                "POST", "/v1/completions", text: #"{"model":"smol","prompt":[1,9999999],"max_tokens":1}"#)
            #expect(unknown.status == 400, "\(unknown.text)")
            #expect(try await loaded() == 1)
        }
    }
}
