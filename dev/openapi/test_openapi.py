"""The server's OpenAPI description: whether it is one, and whether answers to right and wrong requests are as it says.

dev/openapi/run gives the address of a server with smollm2:135m, and a key if that has keys.
"""
import json
import os
import urllib.error
import urllib.request

import jsonschema
import openapi_spec_validator
import pytest
import referencing
import referencing.jsonschema

BASE = os.environ["SWIFTLET_ADDRESS"]
KEY = os.environ.get("SWIFTLET_KEY")
MODEL = "smollm2:135m"
METHODS = ("get", "post", "delete", "head")


def fetch(method, path, data=None, headers=None, key=KEY):
    """(status, headers, bytes) of a request."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {}) | (headers or {})
    request = urllib.request.Request(BASE + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=120) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


DOCUMENT = json.loads(fetch("GET", "/openapi.json")[2])
REGISTRY = referencing.Registry().with_resource(
    "openapi:", referencing.Resource(contents=DOCUMENT, specification=referencing.jsonschema.DRAFT202012))


def step(pointer, *names):
    return pointer + "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in names)


def at(pointer):
    """What is at a place of the description; (place, value), where references lead."""
    value = DOCUMENT
    for name in pointer.split("/")[1:]:
        value = value[name.replace("~1", "/").replace("~0", "~")]
    return at(value["$ref"][1:]) if isinstance(value, dict) and "$ref" in value else (pointer, value)


def problems(value, pointer):
    """How a value is not as the schema at a place wants it."""
    schema = {"$ref": "openapi:#" + pointer.replace("{", "%7B").replace("}", "%7D")}
    checker = jsonschema.Draft202012Validator(
        schema, registry=REGISTRY, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    return [f"{error.json_path}: {error.message[:300]}" for error in checker.iter_errors(value)]


def operations():
    return [(method, path) for path, item in DOCUMENT["paths"].items() for method in item if method in METHODS]


def bodies():
    """The contents of all requests that are JSON: method, path, place, content."""
    for method, path in operations():
        if "requestBody" in DOCUMENT["paths"][path][method]:
            pointer, body = at(step("/paths", path, method, "requestBody"))
            for kind, content in body["content"].items():
                if kind == "application/json":
                    yield method, path, step(pointer, "content", kind), content


def examples():
    return [(method, path, name, example) for method, path, _, content in bodies() for name, example in content["examples"].items()]


def records(kind, text):
    """The values of a content, one for each line or event of a stream."""
    if kind == "application/x-ndjson":
        return [json.loads(line) for line in text.splitlines()]
    if kind == "text/event-stream":
        data = [line[6:] for line in text.split("\n") if line.startswith("data: ")]
        return [value if value == "[DONE]" else json.loads(value) for value in data]
    return [json.loads(text) if kind == "application/json" else text]


def conforms(method, path, status, headers, body):
    """Whether an answer is one that the operation has; its values."""
    pointer, response = at(step("/paths", path, method.lower(), "responses", str(status)))
    for name, header in response.get("headers", {}).items():
        _, header = at(header["$ref"][1:])
        assert headers[name] is not None or not header.get("required"), f"no {name}"
    if "content" not in response:
        assert body == b"", body
        return []
    kind = headers["Content-Type"].split(";")[0]
    assert kind in response["content"], kind
    values = records(kind, body.decode())
    for value in values:
        assert not problems(value, step(pointer, "content", kind, "schema")), value
    return values


def send(method, path, body=None, headers=None, url=None, key=KEY):
    """(status, values) of a request whose answer is as described."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    status, head, answer = fetch(method.upper(), url or path, data, headers, key)
    return status, conforms(method, path, status, head, answer)


def test_it_is_a_description():
    openapi_spec_validator.validate(DOCUMENT)


@pytest.mark.parametrize("method, path, name, example", examples(), ids=lambda value: value if isinstance(value, str) else "")
def test_examples(method, path, name, example):
    pointer = next(place for m, p, place, _ in bodies() if (m, p) == (method, path))
    assert not problems(example["value"], step(pointer, "schema"))
    mark = example.get("x-swiftlet-status", 200)
    if mark == "network":
        pytest.skip("would fetch from elsewhere")
    status, values = send(method, path, example["value"])
    assert status == mark
    if "stream" in name:
        assert len(values) > 2


def test_examples_of_answers():
    found = 0
    for method, path in operations():
        for status in DOCUMENT["paths"][path][method]["responses"]:
            pointer, response = at(step("/paths", path, method, "responses", status))
            for kind, content in response.get("content", {}).items():
                if "example" in content:
                    found += 1
                    assert not problems(content["example"], step(pointer, "content", kind, "schema")), (path, status)
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for example in schema.get("examples", []):
            found += 1
            assert not problems(example, f"/components/schemas/{name}"), name
    assert found > 5


@pytest.mark.parametrize("path, headers", [
    ("/", {}), ("/", {"Accept": "text/html"}), ("/api/version", {}), ("/api/tags", {}), ("/api/ps", {}), ("/v1/models", {}), ("/models", {}),
    ("/health", {}), ("/v1/health", {}), ("/ready", {}), ("/props", {}), ("/slots", {}), ("/metrics", {}), ("/openapi.yaml", {}),
    ("/metrics", {"Accept": "application/openmetrics-text; version=1.0.0"}), ("/openapi.json", {})], ids=str)
def test_what_is_got(path, headers):
    assert send("get", path, headers=headers)[0] == 200


@pytest.mark.parametrize("path, url, status", [
    ("/ui/{file}", "/ui/app.js", 200), ("/ui/{file}", "/ui/base.css", 200), ("/ui/{file}", "/ui/icon.svg", 200), ("/ui/{file}", "/ui/none", 404),
    ("/v1/models/{model}", f"/v1/models/{MODEL}", 200), ("/v1/models/{model}", "/v1/models/owner/none", 404),
    ("/v1/models/{model}", "/v1/models/%20", 400), ("/props", "/props?model=none", 404), ("/slots", f"/slots?model={MODEL}", 200),
    ("/slots", f"/slots?model={MODEL}&fail_on_no_slot=1", 200)])
def test_what_is_got_with_parameters(path, url, status):
    assert send("get", path, url=url)[0] == status


WRONG = {
    "/api/show": [({}, 400), ({"model": "none"}, 404), ({"model": "../etc"}, 404), ({"model": MODEL, "verbose": 1}, 400)],
    "/api/generate": [
        ({"prompt": "Hi"}, 400), ({"model": "none"}, 404), ({"model": MODEL, "prompt": 5}, 400), ({"model": MODEL, "prompt": "word " * 9000}, 400),
        ({"model": MODEL, "prompt": "Hi", "options": {"temperature": "hot"}}, 400), ({"model": MODEL, "prompt": "Hi", "format": "xml"}, 400),
        ({"model": MODEL, "prompt": "Hi", "think": "much"}, 400), ({"model": MODEL, "prompt": "Hi", "images": ["AAAA"]}, 400)],
    "/api/chat": [({"model": MODEL, "messages": [{}]}, 400), ({"model": MODEL, "messages": "Hi"}, 400), ({"model": MODEL, "keep_alive": "soon"}, 400)],
    "/api/embed": [({"model": MODEL, "input": "Hi"}, 400), ({"model": "none", "input": "Hi"}, 404), ({"model": MODEL, "input": 5}, 400)],
    "/api/embeddings": [({"model": MODEL, "prompt": "Hi"}, 400)],
    "/api/pull": [({"model": "/etc/passwd"}, 400), ({"model": "pypi:requests"}, 400), ({}, 400)],
    "/api/push": [({"model": "none"}, 404), ({}, 400)],
    "/api/create": [
        ({"model": "x"}, 400), ({"model": "x", "from": "/etc/passwd"}, 400), ({"model": "../x", "from": MODEL}, 400),
        ({"model": "x", "from": MODEL, "quantize": "Q9_9"}, 400), ({"model": "x", "from": MODEL, "template": "{{"}, 400),
        ({"model": "x", "files": {"a.gguf": "sha256:" + "0" * 64}, "stream": False}, 404), ({"model": "x", "files": {"a.txt": ""}}, 400)],
    "/api/copy": [({"source": MODEL}, 400), ({"source": "none", "destination": "x"}, 404), ({"source": MODEL, "destination": "/x"}, 400)],
    "/v1/chat/completions": [
        ({"model": MODEL}, 400), ({"model": "none", "messages": [{"role": "user", "content": "Hi"}]}, 404), ({"model": MODEL, "messages": []}, 400),
        ({"model": MODEL, "messages": [{"role": "user", "content": "word " * 9000}]}, 400), ({"model": MODEL, "messages": [{"role": "user"}]}, 400),
        ({"model": MODEL, "messages": [{"role": "user", "content": "Hi"}], "temperature": 3}, 400),
        ({"model": MODEL, "messages": [{"role": "user", "content": "Hi"}], "stream_options": {}}, 400),
        ({"model": MODEL, "messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, 400)],
    "/v1/completions": [({"model": MODEL}, 400), ({"model": MODEL, "prompt": []}, 400), ({"model": MODEL, "prompt": [10 ** 9]}, 400)],
    "/v1/embeddings": [({"model": MODEL}, 400), ({"model": MODEL, "input": ""}, 400), ({"model": MODEL, "input": "Hi"}, 400), ({"model": "none", "input": "Hi"}, 404)],
    "/v1/responses": [({"model": MODEL}, 400), ({"model": MODEL, "input": "Hi", "previous_response_id": "x"}, 400), ({"model": "none", "input": "Hi"}, 404)],
    "/v1/messages": [
        ({"max_tokens": 5}, 400), ({"model": MODEL, "messages": [{"role": "user", "content": "Hi"}]}, 400),
        ({"model": "none", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]}, 404),
        ({"model": MODEL, "max_tokens": 5, "messages": [{"role": "user", "content": [{"type": "image"}]}]}, 400)],
    "/v1/messages/count_tokens": [({"model": MODEL}, 400), ({"model": MODEL, "messages": [{"role": "user"}]}, 400)],
    "/completion": [
        ({"model": MODEL}, 400), ({"model": "none", "prompt": "Hi"}, 404), ({"model": MODEL, "prompt": "Hi", "grammar": "root ::= ("}, 400),
        ({"model": MODEL, "prompt": "word " * 9000}, 400)],
    "/infill": [({"model": MODEL, "input_prefix": "Hi", "input_suffix": "!"}, 501), ({"model": "none"}, 404)],
    "/tokenize": [({"model": MODEL, "content": 5}, 400)],
    "/detokenize": [({"model": MODEL, "tokens": [10 ** 12]}, 400)],
    "/apply-template": [({"model": MODEL}, 400)],
    "/embedding": [({"model": MODEL}, 400), ({"model": MODEL, "content": "Hi"}, 400)],
}


@pytest.mark.parametrize("path, body, status", [(path, *case) for path, cases in WRONG.items() for case in cases], ids=lambda value: str(value)[:60])
def test_what_is_refused(path, body, status):
    assert send("post", path, body)[0] == status


@pytest.mark.parametrize("path", [path for method, path, _, _ in bodies() if method == "post"])
def test_bodies_that_are_no_objects(path):
    for body in (b"{", b"[]", b"5", b'"text"', b"\xff", b'{"model":NaN}', b"[" * 1000):
        assert send("post", path, body)[0] == 400, body


@pytest.mark.parametrize("wait, status", [("soon", 400), ("-1", 400), ("nan", 400), ("1e9", 400), ("60", 200)])
def test_times_to_wait(wait, status):
    body = {"model": MODEL, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 2}
    for path in ("/v1/chat/completions", "/v1/messages"):
        assert send("post", path, body, {"X-Max-Wait": wait})[0] == status


def test_blobs():
    content, digest = b"Swiftlet", "a04e53a5e4e1c9cc1ab4fcf56b2cd43d6a7a5e6ee7ec1e0b0b7ec4c0b4ce3ee2"
    path = "/api/blobs/{digest}"
    assert send("head", path, url=f"/api/blobs/sha256:{digest}")[0] == 404
    assert send("head", path, url="/api/blobs/none")[0] == 400
    # Other bytes than the digest says.
    assert send("post", path, content, url=f"/api/blobs/sha256:{digest}")[0] == 400
    assert send("post", path, content, url="/api/blobs/none")[0] == 400


def test_pages_of_others():
    for method, path in operations():
        status, _ = send(method, path, b"{}" if method == "post" else None, {"Origin": "https://evil.example"}, path.replace("{", "x").replace("}", "x"))
        assert status == 403, path


@pytest.mark.skipif(not KEY, reason="the server has no keys")
def test_who_has_no_key():
    for method, path in operations():
        item = DOCUMENT["paths"][path][method]
        if item["x-swiftlet-access"] == "open":
            continue
        url = path.replace("{", "x").replace("}", "x")
        for key in (None, "sw-nobody"):
            assert send(method, path, b"{}" if method == "post" else None, url=url, key=key)[0] == 401, path
