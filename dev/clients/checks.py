"""What the tests of OpenAI's, Anthropic's and llama-server's APIs share: schemas, plain requests, what the model works on."""
import json
import os
import time
import urllib.error
import urllib.request

import pytest

BASE = os.environ["SWIFTLET_ADDRESS"]
MODEL = "smol"

TOOL = {"type": "object", "properties": {"city": {"type": "string", "enum": ["Paris", "Rome"]}}, "required": ["city"],
        "additionalProperties": False}
PERSON = {"type": "object", "properties": {"name": {"type": "string", "maxLength": 12}, "age": {"type": "integer", "minimum": 0, "maximum": 150}},
          "required": ["name", "age"], "additionalProperties": False}


def embedder():
    """The model that makes vectors, if the server has one."""
    if not any(model["id"].startswith("minilm") for model in http("GET", "/v1/models")[2]["data"]):
        pytest.skip("SWIFTLET_TEST_MINILM names no encoder")
    return "minilm"


def http(method, path, body=None):
    """(status, headers, JSON or text) of a request."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(BASE + path, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=120) as response:
            status, headers, text = response.status, response.headers, response.read().decode()
    except urllib.error.HTTPError as error:
        status, headers, text = error.code, error.headers, error.read().decode()
    try:
        return status, headers, json.loads(text)
    except ValueError:
        return status, headers, text


def running():
    """How many sequences the model works on now."""
    slots = http("GET", f"/slots?model={MODEL}")[2]
    return sum(slot["is_processing"] for slot in slots)


def soon(condition, seconds=5):
    """Whether a condition comes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def raises(kind, call, **expected):
    """The error that a call must raise, with these attributes."""
    try:
        call()
    except kind as error:
        for name, value in expected.items():
            assert getattr(error, name) == value, f"{name} is {getattr(error, name)!r}, not {value!r}: {error}"
        return error
    raise AssertionError(f"no {kind.__name__}")

