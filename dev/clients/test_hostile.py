"""Requests that mean harm: each has its answer soon, and the server is as it was."""
import json
import time
import urllib.error
import urllib.request

import pytest

from checks import BASE, MODEL, http

CHAT = {"model": MODEL, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 2}
COMPLETION = {"model": MODEL, "prompt": "Hi", "n_predict": 2}
GENERATE = {"model": MODEL, "prompt": "Hi", "stream": False, "options": {"num_predict": 2}}
PRINTF = "{{ printf \"" + "%1000000d" * 5000 + "\"" + " 1" * 5000 + " }}"


def schema(value):
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": value}}}


@pytest.fixture(autouse=True)
def lives():
    start = time.monotonic()
    yield
    assert time.monotonic() - start < 30
    assert http("GET", "/health")[2] == {"status": "ok"}


@pytest.mark.parametrize("members", [
    {"n": 10 ** 6}, {"n": 0}, {"max_tokens": -5}, {"temperature": -1}, {"top_logprobs": 21, "logprobs": True}, {"stop": ["a"] * 10 ** 5},
    {"stop": "a" * 5000}, {"logit_bias": {"1000000000": 1}}, {"logit_bias": {"-1": 1}}, {"messages": []}, {"messages": [None]}, {"tools": {}},
    {"tool_choice": "required"}, {"stream": "yes"}, schema({"$ref": "#"}), schema({"enum": []}), schema({"type": "string", "pattern": "(" * 5000}),
    schema({"type": "integer", "minimum": -10 ** 300}),
    schema({"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]})], ids=lambda members: str(members)[:40])
def test_chats_that_are_refused(members):
    status, _, body = http("POST", "/v1/chat/completions", CHAT | members)
    assert status == 400 and body["error"]["message"]


@pytest.mark.parametrize("members", [
    {"priority": -2 ** 63}, {"priority": 2 ** 63 - 1}, {"seed": -2 ** 63}, {"max_tokens": 2, "n": 64}, {"metadata": {str(i): i for i in range(10 ** 5)}},
    schema({"type": "array", "items": {"type": "integer"}, "minItems": 10 ** 9}),
    schema({"type": "string", "pattern": "(x|y)*a(x|y){30}(a{1000}){1000}"}), schema({"type": "string", "pattern": "^(a+)+$"})],
    ids=lambda members: str(members)[:40])
def test_chats_that_are_answered(members):
    status, _, body = http("POST", "/v1/chat/completions", CHAT | members)
    assert status == 200, body


@pytest.mark.parametrize("members", [
    {"temperature": 1e-40}, {"temperature": 1e6}, {"top_p": 0}, {"typical_p": 0}, {"xtc_probability": 1, "xtc_threshold": 0}, {"dry_multiplier": 1e6},
    {"mirostat": 2, "mirostat_tau": 0, "mirostat_eta": 1e6}, {"n_probs": 100}, {"dynatemp_range": 1e6, "dynatemp_exponent": 1e6}], ids=str)
def test_wild_settings(members):
    status, _, body = http("POST", "/completion", COMPLETION | members)
    assert status == 200, body


@pytest.mark.parametrize("members", [
    {"template": PRINTF}, {"template": "{{define \"a\"}}{{template \"a\"}}{{end}}{{template \"a\"}}"}, {"template": "{{range 1000000000}}" * 9 + "x" + "{{end}}" * 9},
    {"options": {"stop": ["a"] * 1000}}, {"options": {"num_ctx": -1}}, {"format": 5}, {"keep_alive": []}, {"context": [-1]}, {"context": [10 ** 12]}],
    ids=lambda members: str(members)[:40])
def test_generations_that_are_refused(members):
    status, _, body = http("POST", "/api/generate", GENERATE | members)
    assert status == 400 and body["error"]


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages", "/v1/responses", "/api/generate", "/api/embed", "/completion", "/tokenize"])
@pytest.mark.parametrize("body", [b"{", b"[]", b"5", b"\xff\xfe", b'{"model":"\xff"}', b'{"model":"\\ud800"}', b'{"a":NaN}', b'{"a":1e999}', b"[" * 10 ** 6,
                                  b'{"a":' * 10 ** 5, b"\x00" * 100], ids=lambda body: repr(body[:12]))
def test_bodies_that_are_no_requests(path, body):
    request = urllib.request.Request(BASE + path, body, {"Content-Type": "application/json"})
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(request, timeout=30)
    assert error.value.code == 400 and json.loads(error.value.read())["error"]
