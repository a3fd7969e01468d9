"""What schemathesis is told beside the description: how its requests stay cheap and do no harm, and how streams are checked.

SWIFTLET_FUZZ_KEYS says that the server wants keys; SWIFTLET_FUZZ_LOG gets the numbers of requests and statuses, and slow ones.
"""
import ast
import atexit
import collections
import copy
import json
import os
import threading
import zlib

import jsonschema
import referencing
import referencing.jsonschema
import schemathesis

MODEL = "smollm2:135m"
ENCODER = os.environ.get("SWIFTLET_FUZZ_ENCODER", MODEL)
LIMITS = ("max_tokens", "max_completion_tokens", "n_predict", "max_output_tokens")
GENERATORS = ("/completion", "/infill", "/responses", "/v1/messages", "/api/chat", "/api/generate")
statuses, counts, slow, lock = collections.Counter(), collections.Counter(), [], threading.Lock()


validators = {}
parse, parsing = ast.parse, threading.RLock()


def parse_alone(*arguments, **options):
    """Hypothesis reads its own source; Python before 3.12 counts the depth of all threads together (python/cpython#106905)."""
    with parsing:
        return parse(*arguments, **options)


ast.parse = parse_alone
STREAMS = ("application/x-ndjson", "text/event-stream")


@schemathesis.hook
def before_load_schema(context, raw_schema):
    read_streams(raw_schema)
    if os.environ.get("SWIFTLET_FUZZ_KEYS"):
        raw_schema["security"].remove({})
    # A member that is null counts as absent: the description says so once, and not at each of them.
    seen = set()
    for item in raw_schema["paths"].values():
        for operation in item.values():
            if "requestBody" in operation:
                widen(raw_schema, operation["requestBody"], seen)


def read_streams(document):
    """Takes the schemas of streams, which are those of a record each, out of what schemathesis sees; the check below has them."""
    registry = referencing.Registry().with_resource(
        "openapi:", referencing.Resource(contents=copy.deepcopy(document), specification=referencing.jsonschema.DRAFT202012))
    for path, item in document["paths"].items():
        for method, operation in item.items():
            response = operation["responses"].get("200", {}) if isinstance(operation, dict) else {}
            if "$ref" in response:
                response = document["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
            for kind in STREAMS:
                if schema := response.get("content", {}).get(kind, {}).get("schema"):
                    place = schema.get("$ref") or schema["x-record"]
                    validators[path, kind] = jsonschema.Draft202012Validator({"$ref": "openapi:" + place}, registry=registry)
                    response["content"][kind]["schema"] = {"x-record": place}


@schemathesis.check
def records_are_as_described(ctx, response, case):
    kind = (response.headers.get("content-type") or [""])[0].split(";")[0]
    if kind not in STREAMS or response.status_code != 200:
        return
    lines = response.content.decode().split("\n")
    if kind == STREAMS[1]:
        lines = [line[6:] for line in lines if line.startswith("data: ")]
    for number, line in enumerate(line for line in lines if line):
        try:
            value = line if line == "[DONE]" else json.loads(line)
        except ValueError:
            # Long streams are not read to their end.
            assert number >= 60, line
            return
        with lock:
            counts["records"] += 1
        for error in validators[case.path, kind].iter_errors(value):
            raise AssertionError(f"record {number}: {error.message[:500]}")


def widen(document, value, seen):
    """Lets the members of all objects that a request may have be null, but those that are required."""
    if isinstance(value, list):
        for item in value:
            widen(document, item, seen)
    if not isinstance(value, dict):
        return
    reference = value.get("$ref")
    if isinstance(reference, str) and reference not in seen:
        seen.add(reference)
        target = document
        for step in reference.split("/")[1:]:
            target = target[step]
        widen(document, target, seen)
    for key, item in list(value.items()):
        if key in ("example", "examples", "default"):
            continue
        widen(document, item, seen)
        if key == "properties":
            value[key] = {
                name: schema if name in value.get("required", ()) else {"anyOf": [schema, {"type": "null"}]} for name, schema in item.items()}


def chance(value, share):
    """Whether a request is among one in `share`, the same for the same request."""
    return zlib.crc32(json.dumps(value, sort_keys=True, default=str).encode()) % share == 0


def bounded(value, most):
    """A number of the same kind, at most `most`; what is out of range stays so."""
    in_range = isinstance(value, int) and not isinstance(value, bool) and most < value < 2 ** 31
    return 1 + value % most if in_range else value



@schemathesis.hook
def before_call(context, case, kwargs):
    if isinstance(case.body, dict):
        case.body = changed(case.path, dict(case.body))


def changed(path, body):
    if path in ("/api/create", "/api/delete", "/api/copy", "/api/pull"):
        for key in ("model", "name", "destination", "from", "source"):
            # Only names that nobody misses are written; no name is pulled.
            if isinstance(body.get(key), str) and body[key]:
                own = f"fuzz-{len(body[key]) % 4}"
                body[key] = MODEL if key in ("from", "source") and not chance(body, 4) else own
        return body
    if isinstance(body.get("model"), str) and body["model"] and not chance(body, 8):
        body["model"] = ENCODER if "embed" in path else MODEL
    if "keep_alive" in body and isinstance(body["keep_alive"], (str, int, float)) and not chance(body, 8):
        body["keep_alive"] = "5m"
    for key in LIMITS:
        if key in body:
            body[key] = 4 if body[key] == -1 and not isinstance(body[key], float) else bounded(body[key], 8)
    if not (isinstance(body.get("n"), int) and isinstance(body.get("best_of"), int) and body["best_of"] < body["n"]):
        for key in ("n", "n_cmpl", "best_of"):
            if key in body:
                body[key] = bounded(body[key], 1 if key == "n" else 3)
    if path.endswith(GENERATORS) or path.endswith("completions"):
        if path.startswith("/api/"):
            options = body.get("options")
            if options is None:
                body["options"] = {"num_predict": 4}
            elif isinstance(options, dict):
                predict = options.get("num_predict", 4)
                harmless = isinstance(predict, int) and not isinstance(predict, bool) and abs(predict) < 2 ** 63
                body["options"] = options | {"num_predict": 4 if harmless or predict is None else predict}
        elif not any(body.get(key) is not None for key in LIMITS) and not path.endswith("messages"):
            body["max_output_tokens" if path.endswith("responses") else "n_predict"] = 4
    return body


@schemathesis.hook
def after_call(context, case, response):
    with lock:
        statuses[response.status_code] += 1
        if response.elapsed > 10:
            slow.append((response.elapsed, case.method, case.path, case.body))


@atexit.register
def report():
    if path := os.environ.get("SWIFTLET_FUZZ_LOG"):
        with open(path, "w") as file:
            json.dump({"requests": sum(statuses.values()), "records": counts["records"], "statuses": dict(sorted(statuses.items())), "slow": slow}, file, default=str)
