"""curl against a running server: llama-server's endpoints, the bytes of streams, errors, and clients that go away."""
import json
import subprocess

from checks import BASE, MODEL, embedder, running, soon


def curl(path, body=None, *options):
    """(status, text) of a request."""
    command = ["curl", "-sS", "-N", "-w", "\n%{http_code}", *options, BASE + path]
    if body is not None:
        command += ["-H", "Content-Type: application/json", "-d", body if isinstance(body, str) else json.dumps({"model": MODEL} | body)]
    text = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=120).stdout
    text, _, status = text.rpartition("\n")
    return int(status), text


def get(path, body=None):
    status, text = curl(path, body)
    assert status == 200, (status, text)
    return json.loads(text)


def error(path, body, status):
    found, text = curl(path, body)
    assert found == status, (found, text)
    return json.loads(text)["error"]


def test_health():
    assert get("/health") == get("/v1/health") == {"status": "ok"}


def test_tokenize():
    tokens = get("/tokenize", {"content": "Hello, world"})["tokens"]
    assert tokens and get("/detokenize", {"tokens": tokens})["content"] == "Hello, world"
    pieces = get("/tokenize", {"content": "Hello, world", "with_pieces": True})["tokens"]
    assert "".join(token["piece"] for token in pieces) == "Hello, world"
    assert get("/tokenize", {}) == {"tokens": []}
    assert error("/tokenize", {"content": 1}, 400)["type"] == "invalid_request_error"
    assert error("/detokenize", {"tokens": [10 ** 9]}, 400)["code"] == 400


def test_apply_template():
    prompt = get("/apply-template", {"messages": [{"role": "user", "content": "Hi"}]})["prompt"]
    assert "Hi" in prompt and prompt.rstrip().endswith("assistant")


def test_completion():
    body = {"prompt": "The capital of France is", "n_predict": 8, "temperature": 0}
    answer = get("/completion", body)
    assert answer["stop"] and answer["stop_type"] in ("limit", "eos") and answer["content"]
    assert answer["tokens_predicted"] <= 8 and answer["generation_settings"]["temperature"] == 0
    assert answer["timings"]["predicted_n"] == answer["tokens_predicted"]
    probabilities = get("/completion", body | {"n_probs": 2})["completion_probabilities"]
    assert "".join(token["token"] for token in probabilities) == answer["content"] and len(probabilities[0]["top_logprobs"]) == 2
    tokens = get("/completion", body | {"return_tokens": True})["tokens"]
    assert get("/detokenize", {"tokens": tokens})["content"] == answer["content"]
    several = get("/completions", body | {"prompt": ["One", "Two"]})
    assert [item["index"] for item in several] == [0, 1]
    assert set(get("/completion", body | {"response_fields": ["content", "timings/prompt_n"]})) == {"content", "prompt_n"}


def test_completion_stream():
    body = {"prompt": "The capital of France is", "n_predict": 8, "temperature": 0, "stream": True}
    status, text = curl("/completion", body)
    assert status == 200
    chunks = [json.loads(line.removeprefix("data: ")) for line in text.split("\n\n") if line]
    assert [chunk["stop"] for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert "".join(chunk["content"] for chunk in chunks) == get("/completion", body | {"stream": False})["content"]


def test_completion_errors():
    assert error("/completion", {}, 400)["message"] == '"prompt" is required'
    assert error("/completion", {"prompt": "word " * 20000}, 400)["type"] == "exceed_context_size_error"
    assert error("/completion", {"prompt": "a", "top_k": "x"}, 400)["type"] == "invalid_request_error"
    assert error("/completion", {"prompt": "a", "grammar": "root ::= ("}, 400)["type"] == "invalid_request_error"


def test_infill():
    body = {"input_prefix": "def add(a, b):\n    return ", "input_suffix": "\n", "n_predict": 8, "temperature": 0}
    status, text = curl("/infill", body)
    # SmolLM2 has tokens for it, others do not.
    assert status == 200 or json.loads(text)["error"]["type"] == "not_supported_error"


def test_props_and_slots():
    props = get(f"/props?model={MODEL}")
    assert props["total_slots"] == len(get(f"/slots?model={MODEL}")) and props["chat_template"]
    assert props["default_generation_settings"]["n_ctx"] > 0


def test_embedding():
    answer = get("/embedding", {"model": embedder(), "content": "Hello"})
    assert answer[0]["index"] == 0 and len(answer[0]["embedding"][0]) > 100


def test_sse_bytes():
    body = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 4, "stream": True}
    command = ["curl", "-sS", "-N", "-i", BASE + "/v1/chat/completions", "-d", json.dumps({"model": MODEL} | body)]
    text = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=60).stdout.decode()
    head, _, rest = text.partition("\r\n\r\n")
    assert "text/event-stream" in head.lower()
    assert rest.endswith("data: [DONE]\n\n") and all(event.startswith("data: ") for event in rest.split("\n\n")[:-1])


def test_errors_of_each_family():
    assert error("/v1/chat/completions", "{", 400)["type"] == "invalid_request_error"
    assert error("/v1/chat/completions", "[]", 400)["type"] == "invalid_request_error"
    assert error("/v1/messages", "{}", 400)["message"] == "model: Field required"
    assert error("/completion", "nonsense", 400)["code"] == 400
    assert curl("/v1/nothing")[0] == 404
    assert curl("/v1/chat/completions")[0] == 405


def test_cancellation():
    body = json.dumps({"model": MODEL, "prompt": "One", "n_predict": 3000, "ignore_eos": True})
    process = subprocess.Popen(["curl", "-sS", BASE + "/completion", "-d", body], stdout=subprocess.PIPE)
    assert soon(lambda: running() >= 1)
    process.kill()
    process.wait()
    assert soon(lambda: running() == 0), "the model still works for a client that has gone"
