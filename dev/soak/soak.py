#!/usr/bin/env python3
"""Mixed load on `swiftlet serve` for minutes, and what is left afterwards.

Streams of three APIs, embeddings, structured output, clients that go away, malformed requests, changes of model (the memory
allows only some at a time), keys that are revoked while they are used. At the end: nothing crashed, every accepted request was
answered or cancelled, memory is back within 5%, the audit log verifies and tells of every answer.

usage: dev/soak/soak.py --swiftlet .build/release/swiftlet --model FILE.gguf [--encoder FILE.gguf] [--minutes 20]
"""
import argparse
import collections
import http.client
import json
import pathlib
import random
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import Server, fresh_home  # noqa: E402

SCHEMA = {
    "type": "object", "additionalProperties": False, "required": ["city", "people"],
    "properties": {"city": {"type": "string", "maxLength": 20}, "people": {"type": "integer", "minimum": 0, "maximum": 99}}}
MALFORMED = [
    b"", b"{", b"[]", b"null", b'{"model": 5}', b'{"model": "smol", "messages": "no"}', b"\xff\xfe\x00", b'{"model":"../../etc/passwd"}',
    b'{"model": "smol", "messages": [{"role": "user", "content": ' + b"[" * 500, b'{"model": "smol", "prompt": "x", "options": {"num_ctx": -1}}',
    b'{"model": "smol", "messages": [], "tools": {"a": 1}}', b'{"model": "none", "prompt": "x"}']
PATHS = ["/api/chat", "/api/generate", "/v1/chat/completions", "/v1/messages", "/api/embed", "/completion", "/api/show"]


class Load:
    def __init__(self, server, keys, models, has_encoder, seed):
        self.server, self.keys, self.models, self.has_encoder = server, keys, models, has_encoder
        self.seed, self.stop = seed, threading.Event()
        self.lock = threading.Lock()
        self.counts, self.problems = collections.Counter(), []
        self.most_bytes = 0
        # Requests whose whole answers arrived: the audit log must have them.
        self.answered = []

    def problem(self, text):
        with self.lock:
            self.problems.append(text)

    def count(self, name):
        with self.lock:
            self.counts[name] += 1

    def ask(self, path, body, key, leave_after=None):
        """One request; (status, headers, body), or None if the connection was cut, by us or by the server."""
        address = urllib.parse.urlparse(self.server.address)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=120)
        try:
            text = body if isinstance(body, bytes) else json.dumps(body).encode()
            connection.request("POST", path, text, {"Content-Type": "application/json", "Authorization": f"Bearer {key}"})
            answer = connection.getresponse()
            if leave_after is not None:
                for _ in range(leave_after):
                    answer.readline()
                return None
            data = answer.read()
            with self.lock:
                self.answered.append((answer.headers["X-Request-Id"], answer.status, path))
            return answer.status, answer.headers, data
        except (TimeoutError, http.client.HTTPException, OSError) as error:
            if leave_after is None:
                self.count(f"cut off: {type(error).__name__}")
                if isinstance(error, TimeoutError):
                    self.problem(f"{path}: no answer within 120 s")
            return None
        finally:
            connection.close()

    # What may come of a right request while keys and models change.
    EXPECTED = {200, 401, 404, 429, 499, 503}

    def expect(self, what, answer, check=lambda data: True):
        if answer is None:
            return self.count(f"{what}: cut off")
        status, _, data = answer
        self.count(f"{what}: {status}")
        if status not in self.EXPECTED:
            self.problem(f"{what}: {status} {data[:300]!r}")
        elif status == 200 and not check(data):
            self.problem(f"{what}: the answer is not whole: {data[-300:]!r}")

    def once(self, dice, key):
        model = dice.choice(self.models)
        length = dice.choice([1, 4, 16, 48])
        messages = [{"role": "user", "content": " ".join(dice.choice(["red", "green", "blue", "why", "7"]) for _ in range(dice.choice([2, 30, 300])))}]
        kind = dice.choices(
            ["ollama", "openai", "anthropic", "schema", "embed", "leave", "malformed", "complete"], [4, 4, 2, 3, 3, 3, 3, 2])[0]
        if kind == "ollama":
            body = {"model": model, "messages": messages, "options": {"num_predict": length}}
            # An error within a stream is an answer, too: a key that was revoked, say.
            self.expect(kind, self.ask("/api/chat", body, key), lambda d: b'"done":true' in d or b'"error"' in d)
        elif kind == "openai":
            body = {"model": model, "messages": messages, "max_tokens": length, "stream": True}
            self.expect(kind, self.ask("/v1/chat/completions", body, key), lambda d: b"data: [DONE]" in d or b'"error"' in d)
        elif kind == "anthropic":
            body = {"model": model, "messages": messages, "max_tokens": length, "stream": True}
            self.expect(kind, self.ask("/v1/messages", body, key), lambda d: b"message_stop" in d or b'"error"' in d)
        elif kind == "complete":
            body = {"model": model, "prompt": messages[0]["content"], "n_predict": length}
            self.expect(kind, self.ask("/completion", body, key), lambda d: b'"stop":true' in d or b'"error"' in d)
        elif kind == "schema":
            body = {"model": model, "messages": messages, "max_tokens": 60, "response_format": {
                "type": "json_schema", "json_schema": {"name": "city", "schema": SCHEMA}}}

            def is_right(data):
                choice = json.loads(data)["choices"][0]
                if choice["finish_reason"] != "stop":
                    return True
                value = json.loads(choice["message"]["content"])
                return set(value) == {"city", "people"} and 0 <= value["people"] <= 99

            self.expect(kind, self.ask("/v1/chat/completions", body, key), is_right)
        elif kind == "embed" and self.has_encoder:
            body = {"model": "minilm", "input": [m["content"][:200] for m in messages] * dice.choice([1, 4])}
            self.expect(kind, self.ask("/api/embed", body, key), lambda d: len(json.loads(d)["embeddings"][0]) == 384)
        elif kind == "leave":
            body = {"model": model, "messages": messages, "options": {"num_predict": 400}}
            self.ask("/api/chat", body, key, leave_after=dice.choice([0, 1, 3, 10]))
            self.count("left")
        elif kind == "malformed":
            answer = self.ask(dice.choice(PATHS), dice.choice(MALFORMED), key)
            self.count(f"malformed: {answer[0] if answer else 'cut off'}")
            # Some of them are right for some path.
            if answer is None or not (answer[0] == 200 or 400 <= answer[0] < 500 or answer[0] == 503):
                self.problem(f"malformed: {answer and (answer[0], answer[2][:200])}")

    def work(self, number):
        dice = random.Random(self.seed + number)
        while not self.stop.is_set():
            key = self.keys[number % len(self.keys)]
            try:
                self.once(dice, key)
            except Exception as error:  # noqa: BLE001: told at the end
                self.problem(f"{type(error).__name__}: {error}")

    def turn_keys(self):
        """Takes a key from its users every few seconds, and gives them another one."""
        number = 0
        while not self.stop.wait(7):
            slot = number % len(self.keys)
            number += 1
            self.server.run("key", "revoke", f"user{slot}")
            self.keys[slot] = self.server.add_key(f"user{slot}")
            self.count("keys revoked")


def run(server, minutes, models, has_encoder, seed, users=8):
    keys = [server.add_key(f"user{n}") for n in range(4)]
    load = Load(server, keys, models, has_encoder, seed)
    threads = [threading.Thread(target=load.work, args=(n,), daemon=True) for n in range(users)]
    threads.append(threading.Thread(target=load.turn_keys, daemon=True))
    for thread in threads:
        thread.start()
    end = time.monotonic() + minutes * 60
    while time.monotonic() < end and server.is_alive():
        time.sleep(min(10, max(0.1, end - time.monotonic())))
        held = server.own_bytes()
        load.most_bytes = max(load.most_bytes, held)
        print(f"{int(end - time.monotonic()):5} s left, {sum(load.counts.values())} requests, "
              f"{held >> 20} MB, {len(load.problems)} problems", flush=True)
    load.stop.set()
    for thread in threads:
        thread.join(150)
    for slot in range(len(keys)):
        server.run("key", "revoke", f"user{slot}")
    return load


def unloaded(server, key):
    """Memory once all models have gone and the machine's threads rest."""
    for model in json.loads(server.get("/api/ps", key))["models"]:
        address = urllib.parse.urlparse(server.address)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
        path, body = ("/api/embed", {"input": []}) if "minilm" in model["name"] else ("/api/generate", {})
        connection.request("POST", path, json.dumps({"model": model["name"], "keep_alive": 0, **body}), {"Authorization": f"Bearer {key}"})
        connection.getresponse().read()
        connection.close()
    time.sleep(3)
    left = json.loads(server.get("/api/ps", key))["models"]
    return server.own_bytes(), left


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--swiftlet", required=True)
    options.add_argument("--model", required=True)
    options.add_argument("--encoder")
    options.add_argument("--minutes", type=float, default=20)
    options.add_argument("--seed", type=int, default=1)
    options = options.parse_args()
    home = fresh_home(tempfile.mkdtemp(prefix="swiftlet-soak-"))
    server = Server(options.swiftlet, home, ["--memory", "1200MB", "--context", "1024", "--parallel", "8", "--log-level", "warning"])
    server.add_model("smol", options.model)
    if options.encoder:
        server.add_model("minilm", options.encoder)
    admin = server.add_key("admin", "--role", "admin")
    server.start()
    # More names for the same file are models of their own.
    for name in ["smol2", "smol3"]:
        address = urllib.parse.urlparse(server.address)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
        connection.request("POST", "/api/copy", json.dumps({"source": "smol", "destination": name}), {"Authorization": f"Bearer {admin}"})
        assert connection.getresponse().status == 200
        connection.close()
    models = ["smol", "smol", "smol2", "smol3"]
    # What is made once, buffers of threads and the like, is there after a first while.
    warm = run(server, min(2, options.minutes / 4), models, bool(options.encoder), options.seed + 1000)
    before, left = unloaded(server, admin)
    load = run(server, options.minutes, models, bool(options.encoder), options.seed)
    alive = server.is_alive()
    after, left = unloaded(server, admin) if alive else (0, ["?"])
    metrics = server.get("/metrics", admin).decode() if alive else ""
    running = sum(float(line.split()[-1]) for line in metrics.splitlines() if line.startswith(("vllm:num_requests_running{", "vllm:num_requests_waiting{")))
    status = server.stop() if alive else server.process.poll()
    audit = server.verify_audit()
    told = {record.get("request"): record for record in server.audit_records()}
    missing = [a for a in warm.answered + load.answered if a[0] not in told and not (a[2] == "/api/show" and a[1] not in (401, 403, 429))]
    stats = json.loads(server.run("stats", "--json"))
    for name, count in sorted(load.counts.items()):
        print(f"{count:8} {name}")
    print(f"requests {sum(load.counts.values())}, whole answers {len(load.answered)}")
    taken = max(1, load.most_bytes - before)
    print(f"memory without models: {before / 1e6:.1f} MB before, {after / 1e6:.1f} MB after; under load {load.most_bytes / 1e6:.1f} MB: "
          f"{(after - before) / taken:.1%} of what it took stayed")
    print(f"audit: {audit['lines']} lines, {len(audit['problems'])} problems, {len(missing)} answers that it does not tell of")
    print(f"history: {json.dumps(stats)[:200]}")
    problems = warm.problems + load.problems
    if not alive or status != 0:
        problems.append(f"the server ended with {status}")
    if audit["problems"]:
        problems.append(f"audit: {audit['problems'][:3]}")
    if missing:
        problems.append(f"not in the audit log: {missing[:3]}")
    if running or left:
        problems.append(f"still there at the end: {running} requests, models {left}")
    if after > before * 1.05:
        problems.append("memory did not come back")
    for problem in problems[:40]:
        print("PROBLEM", problem)
    print(f"{len(problems)} problems; {home}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
