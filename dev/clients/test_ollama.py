"""PyPI's ollama client: each endpoint's happy path, streaming, errors, cancellation."""
import json
import os
import socket
import subprocess
import time
import urllib.parse

import ollama
import pytest

from conftest import MODEL

QUESTION = [{"role": "user", "content": "What is the capital of France?"}]
GREEDY = {"temperature": 0, "num_predict": 24}
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather", "description": "The weather of a city.",
        "parameters": {
            "type": "object", "properties": {"city": {"type": "string", "maxLength": 16}}, "required": ["city"]},
    },
}


@pytest.fixture
def client(address):
    return ollama.Client(host=address)


def test_generate(client):
    answer = client.generate(MODEL, "What is the capital of France?", options=GREEDY)
    assert "Paris" in answer.response
    assert answer.done and answer.done_reason in ("stop", "length")
    assert answer.prompt_eval_count > 5 and answer.eval_count > 2
    assert 0 < answer.prompt_eval_duration + answer.eval_duration <= answer.total_duration
    assert answer.context


def test_generate_streams_the_same(client):
    whole = client.generate(MODEL, "What is the capital of France?", options=GREEDY)
    parts = list(client.generate(MODEL, "What is the capital of France?", options=GREEDY, stream=True))
    assert "".join(part.response for part in parts) == whole.response
    assert [part.done for part in parts] == [False] * (len(parts) - 1) + [True]
    assert parts[-1].eval_count == whole.eval_count
    assert len(parts) > 3


def test_generate_raw_system_and_context(client):
    raw = client.generate(MODEL, "The capital of France is", raw=True, options={"temperature": 0, "num_predict": 3})
    assert "Paris" in raw.response and raw.context is None
    system = client.generate(MODEL, "Hello", system="You are a pirate.", options=GREEDY)
    plain = client.generate(MODEL, "Hello", options=GREEDY)
    assert system.response != plain.response
    first = client.generate(MODEL, "My name is Ada.", options=GREEDY)
    second = client.generate(MODEL, "What is my name?", context=first.context, options=GREEDY)
    assert second.prompt_eval_count > len(first.context)


def test_options_are_followed(client):
    hot = {"temperature": 1.5, "num_predict": 12, "seed": 7}
    one, two = (client.generate(MODEL, "Tell a story.", options=hot).response for _ in range(2))
    assert one == two
    assert client.generate(MODEL, "Tell a story.", options=hot | {"seed": 8}).response != one
    stopped = client.generate(MODEL, "Count from one to ten.", options=GREEDY | {"num_predict": 60, "stop": ["five"]})
    assert "five" not in stopped.response


def test_what_ollama_has_not(client, address):
    # Any token but one: its bias is that of a ban.
    answer = client.generate(MODEL, "What is the capital of France?", options=GREEDY)
    tokens = [answer.context[-answer.eval_count]]
    banned = client.generate(
        MODEL, "What is the capital of France?", options=GREEDY | {"logit_bias": {str(tokens[0]): -100}})
    assert banned.response.split()[0] != answer.response.split()[0]
    digits = client.generate(MODEL, "A number:", options=GREEDY | {"grammar": 'root ::= [0-9] [0-9] [0-9]'})
    assert digits.response.isdigit() and len(digits.response) == 3
    client.generate(
        MODEL, "A story:", options=GREEDY | {"dry_multiplier": 0.8, "xtc_probability": 0.5, "xtc_threshold": 0.1})


def test_chat(client):
    answer = client.chat(MODEL, QUESTION, options=GREEDY)
    assert answer.message.role == "assistant"
    assert "Paris" in answer.message.content
    parts = list(client.chat(MODEL, QUESTION, options=GREEDY, stream=True))
    assert "".join(part.message.content for part in parts) == answer.message.content
    assert parts[-1].done and parts[-1].eval_count == answer.eval_count


def test_chat_goes_on(client):
    messages = QUESTION + [
        {"role": "assistant", "content": "Paris."}, {"role": "user", "content": "Which city did you name?"}]
    second = client.chat(MODEL, messages, options=GREEDY)
    assert "Paris" in second.message.content
    assert second.prompt_eval_count > client.chat(MODEL, QUESTION, options=GREEDY).prompt_eval_count + 8
    begun = QUESTION + [{"role": "assistant", "content": "The capital of France is the city of"}]
    assert client.chat(MODEL, begun, options=GREEDY).message.content.lstrip().startswith("Paris")


def test_formats(client):
    options = {"temperature": 1, "num_predict": 120, "seed": 1}
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string", "maxLength": 20}, "age": {"type": "integer", "minimum": 1, "maximum": 99}},
        "required": ["name", "age"], "additionalProperties": False,
    }
    person = json.loads(client.chat(MODEL, [{"role": "user", "content": "A person?"}], format=schema, options=options)
                        .message.content)
    assert set(person) == {"name", "age"} and 1 <= person["age"] <= 99
    stream = client.generate(MODEL, "A person as JSON?", format=schema, options=options, stream=True)
    assert set(json.loads("".join(part.response for part in stream))) == {"name", "age"}
    text = client.generate(MODEL, "A person as JSON?", format="json", options=options | {"num_predict": 200})
    if text.done_reason == "stop":
        assert isinstance(json.loads(text.response), dict)


def test_tools(client, address):
    messages = [{"role": "user", "content": "What is the weather in Rome?"}]
    body = {"model": MODEL, "messages": messages, "tools": [WEATHER], "tool_choice": "required", "stream": False,
            "options": {"temperature": 0, "num_predict": 100}}
    message = ollama.ChatResponse(**post(address, "/api/chat", body)).message
    call = message.tool_calls[0].function
    assert call.name == "get_weather" and isinstance(call.arguments["city"], str)
    follow = messages + [
        message.model_dump(exclude_none=True), {"role": "tool", "tool_name": "get_weather", "content": "Sunny, 31 degrees"}]
    assert client.chat(MODEL, follow, tools=[WEATHER], options=GREEDY).done
    none = post(address, "/api/chat", body | {"tool_choice": "none"})
    assert not none["message"].get("tool_calls")


def test_log_probabilities(client):
    answer = client.generate(MODEL, "Hello", logprobs=True, top_logprobs=3, options=GREEDY)
    assert len(answer.logprobs) == answer.eval_count
    for token in answer.logprobs:
        assert token.logprob <= 0 and len(token.top_logprobs) == 3
        assert token.top_logprobs[0].logprob >= token.top_logprobs[1].logprob
    assert "".join(token.token for token in answer.logprobs) == answer.response
    parts = list(client.chat(MODEL, QUESTION, logprobs=True, options=GREEDY, stream=True))
    assert sum(len(part.logprobs or []) for part in parts) == parts[-1].eval_count


def test_load_list_and_unload(client):
    assert client.generate(MODEL, "", keep_alive="10m").done_reason == "load"
    running = client.ps().models
    assert running[0].model == "smol:latest" and running[0].context_length == 4096
    assert client.generate(MODEL, "", keep_alive=0).done_reason == "unload"
    assert not any(model.model == "smol:latest" for model in client.ps().models)


def test_library(client):
    models = {model.model: model for model in client.list().models}
    assert models["smol:latest"].details.format == "gguf" and models["smol:latest"].size > 1e6
    shown = client.show(MODEL)
    assert "completion" in shown.capabilities
    assert shown.modelinfo["general.architecture"] == models["smol:latest"].details.family
    assert shown.modified_at and shown.template
    client.copy(MODEL, "owner/second:try")
    assert "owner/second:try" in {model.model for model in client.list().models}
    assert client.generate("owner/second:try", "Hi", options=GREEDY).done
    client.delete("owner/second:try")
    assert "owner/second:try" not in {model.model for model in client.list().models}


@pytest.mark.parametrize("call", [
    lambda client: client.generate("nobody", "Hi"),
    lambda client: client.chat("nobody", QUESTION),
    lambda client: client.embed("nobody", "Hi"),
    lambda client: client.show("nobody"),
    lambda client: client.delete("nobody"),
    lambda client: client.copy("nobody", "somebody"),
])
def test_unknown_models(client, call):
    with pytest.raises(ollama.ResponseError) as caught:
        call(client)
    assert caught.value.status_code == 404 and "not found" in caught.value.error


@pytest.mark.parametrize("body, words", [
    ({"prompt": "Hi"}, "model is required"),
    ({"model": MODEL, "prompt": 3}, "prompt must be a string"),
    ({"model": MODEL, "prompt": "Hi", "options": {"temperature": "hot"}}, "options.temperature must be a number"),
    ({"model": MODEL, "prompt": "Hi", "options": {"top_p": 7}}, "top_p"),
    ({"model": MODEL, "prompt": "Hi", "format": "yaml"}, "format"),
    ({"model": MODEL, "prompt": "Hi", "format": {"type": "nonsense"}}, ""),
    ({"model": MODEL, "prompt": "Hi", "images": ["AAAA"]}, "images"),
    ({"model": MODEL, "prompt": "Hi", "think": "very"}, "think"),
    ({"model": MODEL, "prompt": "Hi", "keep_alive": "soon"}, "keep_alive"),
    ({"model": MODEL, "prompt": "word " * 5000}, "the context holds"),
])
def test_wrong_requests(address, body, words):
    status, text = send(address, "/api/generate", json.dumps(body))
    assert status == 400 and words in json.loads(text)["error"]


def test_wrong_json(address):
    for text in ["{", "[1]", "[" * 10_000, "nonsense", '{"model": "\\ud800"}']:
        status, answer = send(address, "/api/chat", text)
        assert status == 400 and json.loads(answer)["error"]


def test_long_prompts_are_cut_only_when_asked(client, address):
    long = [{"role": "user", "content": "word " * 3000}, {"role": "assistant", "content": "Yes."}]
    messages = long * 2 + QUESTION
    with pytest.raises(ollama.ResponseError, match="the context holds"):
        client.chat(MODEL, messages, options=GREEDY)
    body = {"model": MODEL, "messages": messages, "truncate": True, "stream": False, "options": GREEDY}
    answer = post(address, "/api/chat", body)
    assert 2000 < answer["prompt_truncated_count"] < 4000 and answer["prompt_eval_count"] < 4096
    body = {"model": MODEL, "prompt": "word " * 5000, "truncate": True, "stream": False, "options": {"num_predict": 4}}
    assert post(address, "/api/generate", body)["prompt_truncated_count"] > 500


def test_a_client_that_goes_away_ends_its_generation(client, address, becomes_idle):
    endless = {"num_predict": 3500, "temperature": 1, "num_ctx": 4096}
    stream = client.generate(MODEL, "Tell a very long story.", stream=True, options=endless)
    next(stream)
    stream.close()
    assert becomes_idle()
    # Without a stream nothing is written that could fail: the closed connection alone ends it.
    place = urllib.parse.urlparse(address)
    body = json.dumps({"model": MODEL, "prompt": "Tell a very long story.", "stream": False, "options": endless})
    with socket.create_connection((place.hostname, place.port)) as connection:
        connection.sendall(
            f"POST /api/generate HTTP/1.1\r\nHost: {place.hostname}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        time.sleep(0.3)
    assert becomes_idle()


def test_embeddings(client):
    if "minilm:latest" not in {model.model for model in client.list().models}:
        pytest.skip("SWIFTLET_TEST_MINILM is not set")
    answer = client.embed("minilm", ["The cat sits outside", "A feline rests in the garden", "Stock markets fell"])
    cat, feline, market = answer.embeddings
    assert abs(sum(x * x for x in cat) - 1) < 1e-3 and answer.prompt_eval_count > 10
    product = lambda a, b: sum(x * y for x, y in zip(a, b))
    assert product(cat, feline) > product(cat, market) + 0.2
    old = client.embeddings("minilm", "The cat sits outside").embedding
    assert product(old, cat) > 0.9999
    assert len(client.embed("minilm", "cat", dimensions=64).embeddings[0]) == 64
    with pytest.raises(ollama.ResponseError, match="reads at most"):
        client.embed("minilm", "word " * 1000, truncate=False)
    assert client.embed("minilm", "word " * 1000).prompt_eval_count <= 512
    with pytest.raises(ollama.ResponseError, match="does not generate"):
        client.generate("minilm", "Hi")


def test_create(client, address):
    statuses = [part.status for part in client.create(
        "pirate", from_=MODEL, system="You are a pirate who says Arr.", parameters={"temperature": 0, "num_predict": 5, "stop": ["x"]},
        messages=[{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Arr!"}], license="MIT", stream=True)]
    assert statuses[-1] == "success"
    shown = client.show("pirate")
    assert shown.modelinfo and "You are a pirate" in shown.modelfile and "num_predict" in shown.parameters
    assert shown.license == "MIT" and shown.details.parent_model == "smol:latest"
    plain = client.chat(MODEL, QUESTION, options=GREEDY | {"num_predict": 5})
    pirate = client.chat("pirate", QUESTION)
    # The model's own limit of tokens, instructions and first turns are used; the request's options go over them.
    assert pirate.eval_count <= 5 and pirate.prompt_eval_count > plain.prompt_eval_count
    assert client.chat("pirate", QUESTION, options={"num_predict": 2}).eval_count <= 2
    client.create("shouting", from_="pirate", template="{{ .System }}|{{ .Prompt }}|", stream=False)
    assert client.generate("shouting", "Hi").prompt_eval_count < 40
    for name in ("pirate", "shouting"):
        client.delete(name)


def test_create_from_files(client, address):
    path = os.environ["SWIFTLET_TEST_MODEL"]
    digest = client.create_blob(path)
    assert digest.startswith("sha256:")
    assert client.create("sent", files={"model.gguf": digest}, stream=False).status == "success"
    assert client.generate("sent", "Hi", options=GREEDY).done
    client.delete("sent")
    # It is quantized already, and no one said that its errors may add up.
    with pytest.raises(ollama.ResponseError):
        client.create("small", from_=MODEL, quantize="q4_K_M", stream=False)


@pytest.mark.parametrize("body, status", [
    ({"model": "new"}, 400),
    ({"model": "new", "from": "nobody-has-this"}, 404),
    ({"model": "new", "from": "/etc/model.gguf"}, 400),
    ({"model": "new", "files": {"a.gguf": "sha256:" + "0" * 64}}, 404),
    ({"model": "new", "files": {"a.safetensors": "sha256:" + "0" * 64}}, 400),
    ({"model": "new", "from": MODEL, "template": "{{ .Nonsense"}, 400),
    ({"model": "new", "from": MODEL, "parameters": {"temperature": "hot"}}, 400),
    ({"model": "new", "from": MODEL, "quantize": "Q99"}, 400),
    ({"model": "new", "from": MODEL, "adapters": {"a": "sha256:0"}}, 400),
    ({"model": "bad name!", "from": MODEL}, 400),
])
def test_wrong_creations(address, body, status):
    assert send(address, "/api/create", json.dumps(body | {"stream": False}))[0] == status


def test_language_models_do_not_embed(client):
    with pytest.raises(ollama.ResponseError, match="does not support embeddings"):
        client.embed(MODEL, "Hi")


def test_pull_and_push_say_what_is_wrong(client):
    with pytest.raises(ollama.ResponseError):
        client.pull("no-such-model-anywhere")
    with pytest.raises(ollama.ResponseError):
        for _ in client.pull("no-such-model-anywhere", stream=True):
            pass
    with pytest.raises(ollama.ResponseError, match="can be pulled"):
        client.pull("/etc/passwd.gguf")
    with pytest.raises(ollama.ResponseError, match="no registry"):
        client.push(MODEL)


def test_curl(address):
    """As people try it by hand."""
    run = subprocess.run(
        ["curl", "-sN", address + "/api/generate", "-d", json.dumps({"model": MODEL, "prompt": "Hi", "options": GREEDY})],
        capture_output=True, text=True, check=True)
    records = [json.loads(line) for line in run.stdout.splitlines()]
    assert records[-1]["done"] and "".join(record["response"] for record in records)
    head = subprocess.run(["curl", "-sI", address], capture_output=True, text=True, check=True).stdout
    assert head.startswith("HTTP/1.1 200")
    assert subprocess.run(["curl", "-s", address], capture_output=True, text=True).stdout == "Ollama is running"


def send(address, path, text):
    run = subprocess.run(
        ["curl", "-s", "-w", "\n%{http_code}", "--data-binary", "@-", address + path], input=text, capture_output=True,
        text=True, check=True)
    body, status = run.stdout.rsplit("\n", 1)
    return int(status), body


def post(address, path, body):
    status, text = send(address, path, json.dumps(body))
    assert status == 200, text
    return json.loads(text)
