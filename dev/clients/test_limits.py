"""Clients that mean harm, on raw sockets: each is refused in bounded memory while others are served.

SWIFTLET_TEST_CONNECTIONS says how many connections the floods make (1000; by hand 10000, as `ulimit -Hn` allows).
"""
import http.client
import json
import os
import resource
import select
import socket
import subprocess
import threading
import time

import pytest

from checks import MODEL, soon

CONNECTIONS = int(os.environ.get("SWIFTLET_TEST_CONNECTIONS", "1000"))
# Shorter than what operators need.
SETTINGS = {"HEAD_TIME": "2s", "IDLE_TIME": "3s", "BODY_TIME": "2s", "ANSWER_TIME": "2s", "CONNECTIONS": str(max(200, CONNECTIONS * 4 // 5)),
            "CONNECTIONS_PER_ADDRESS": str(max(200, CONNECTIONS * 4 // 5))}
MEGABYTE = 1 << 20


class Server:
    """A server of its own, with a normal client that asks all the time."""

    def __init__(self, process):
        self.process = process
        self.port = int(process.stdout.readline().split(" ")[3].rsplit(":", 1)[1])
        self.http("POST", "/api/generate", {"model": MODEL, "prompt": "Hi", "stream": False, "options": {"num_predict": 1}})

    def connect(self, source="127.0.0.1", receive_buffer=None):
        client = socket.socket()
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(30)
        client.bind((source, 0))
        client.connect(("127.0.0.1", self.port))
        return client

    def http(self, method, path, body=None, headers={}):
        """(status, text) of a request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body if body is None or isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode(), headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def own_bytes(self):
        """Memory without mapped files."""
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("RssAnon"))

    def closed(self, reason):
        """How many connections the server has closed for a reason."""
        name = f'swiftlet_http_connections_closed_total{{reason="{reason}"}} '
        return next(float(line.removeprefix(name)) for line in self.http("GET", "/metrics")[1].splitlines() if line.startswith(name))


@pytest.fixture(scope="module")
def server():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    environment = os.environ | {"SWIFTLET_" + name: value for name, value in SETTINGS.items()}
    command = [os.environ["SWIFTLET_BINARY"], "serve", "--port", "0", "--log-level", "error"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Server(process)
        finally:
            process.terminate()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(autouse=True)
def others(server, request):
    """Serves a normal client all the while, looks at the server's memory, and says what it was."""
    ends, waits, peak = threading.Event(), [], [0]

    def ask():
        while not ends.is_set():
            start = time.monotonic()
            status, _ = server.http("POST", "/api/generate", {"model": MODEL, "prompt": "Hi", "stream": False, "options": {"num_predict": 1}})
            waits.append((time.monotonic() - start, status))
            ends.wait(0.05)

    def look():
        while not ends.wait(0.02):
            peak[0] = max(peak[0], server.own_bytes())

    before = server.own_bytes()
    threads = [threading.Thread(target=ask), threading.Thread(target=look)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ends.set()
        for thread in threads:
            thread.join()
    growth = (peak[0] - before) / MEGABYTE
    slowest = max(wait for wait, _ in waits)
    print(f"{request.node.name}: {len(waits)} others served, the slowest in {slowest:.2f} s; memory grew by {growth:.0f} MB at most")
    assert len(waits) > 0 and all(status == 200 for _, status in waits)
    assert slowest < 10
    assert growth < request.node.get_closest_marker("memory").args[0]


def answer(client):
    """The status of what a server says before it closes; None if it says nothing."""
    text = b""
    try:
        while piece := client.recv(65536):
            text += piece
    except ConnectionResetError:
        pass
    return int(text.split(b" ")[1]) if text else None


def flood(server, text):
    """As many connections as the test is for, each with the beginning of a request, from four addresses."""
    clients = []
    for index in range(CONNECTIONS):
        client = server.connect(f"127.0.0.{2 + index % 4}")
        client.sendall(text)
        clients.append(client)
    return clients


def send(client, text):
    """Whether the server took it all."""
    try:
        client.sendall(text)
        return True
    except (BrokenPipeError, ConnectionResetError, TimeoutError):
        return False


@pytest.mark.memory(60 + CONNECTIONS * 0.03)
def test_half_heads(server):
    clients = flood(server, b"GET /api/version HTTP/1.1\r\nHost: localhost\r\nX-A: ")
    # Slow-loris: a byte now and then.
    end = time.monotonic() + 2
    while time.monotonic() < end:
        for client in clients[::10]:
            send(client, b"a")
        time.sleep(0.2)
    statuses = [answer(client) for client in clients]
    assert set(statuses) <= {408, None} and 408 in statuses
    # Those beyond the limit made room.
    assert server.closed("room") >= CONNECTIONS - int(SETTINGS["CONNECTIONS"])
    assert server.closed("slow_head") > 0


@pytest.mark.memory(60 + CONNECTIONS * 0.03)
def test_idle_connections(server):
    clients = flood(server, b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert soon(lambda: server.closed("idle") > 0, 15)
    for client in clients:
        assert answer(client) in (200, None)


@pytest.mark.memory(60)
@pytest.mark.parametrize("head", [
    b"GET /" + b"a" * 10 * MEGABYTE + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Large: " + b"a" * 10 * MEGABYTE + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-One: a\r\n" * MEGABYTE], ids=["line", "field", "fields"])
def test_heads_without_end(server, head):
    client = server.connect()
    send(client, head)
    assert answer(client) in (431, None)
    # Where the end of what is sent is not lost with it, the answer is there.
    client = server.connect()
    send(client, head[:70_000])
    assert answer(client) == 431


@pytest.mark.memory(60)
def test_no_http(server):
    for text in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"HELLO\r\n\r\n", b"\x00" * 100, b"GET / HTTP/9.9\r\n\r\n"):
        client = server.connect()
        client.sendall(text)
        assert answer(client) == 400


@pytest.mark.memory(60)
@pytest.mark.parametrize("connection", ["keep-alive", "close"])
def test_a_body_of_100_megabytes(server, connection):
    """The client sends it to the end before it reads."""
    status, text = server.http("POST", "/api/generate", b" " * 100 * MEGABYTE, {"Connection": connection})
    assert status == 413 and "too large" in json.loads(text)["error"]


@pytest.mark.memory(150)
def test_a_body_of_100_megabytes_in_chunks(server):
    client = server.connect()
    client.sendall(b"POST /api/generate HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(100):
        if not send(client, b"100000\r\n" + b" " * MEGABYTE + b"\r\n"):
            break
    assert answer_head(client).startswith(b"HTTP/1.1 413")


def answer_head(client):
    return client.recv(65536)


@pytest.mark.memory(60)
def test_bodies_that_never_end(server):
    """Bodies go on after the refusal, in chunks of a byte, or in frames without anything in them."""
    def endless(start, piece):
        client = server.connect()
        client.sendall(b"POST /api/nothing HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + start)
        start = time.monotonic()
        while send(client, piece):
            assert time.monotonic() - start < 15
    endless(b"", b"1\r\nx\r\n" * 10_000)
    endless(b"1;", b"x" * 60_000)


@pytest.mark.memory(60)
def test_deep_json(server):
    for text in (b"[" * 10_000, b'{"a":' * 10_000, b"[" * 10_000 + b"]" * 10_000):
        status, answer = server.http("POST", "/api/generate", text)
        assert status == 400 and "nested deeper" in json.loads(answer)["error"]


@pytest.mark.memory(250)
def test_json_of_many_values(server):
    status, answer = server.http("POST", "/api/generate", b"[" + b"0," * 15_000_000 + b"0]")
    assert status == 400 and "too many values" in json.loads(answer)["error"]


@pytest.mark.memory(350)
@pytest.mark.parametrize("text", [" ", "a", "\U0001F600"])
def test_prompts_of_megabytes(server, text):
    """One word of 30 MB: it is refused without reading it as tokens."""
    text *= 30_000_000 // len(text.encode())
    for path, body in [("/v1/completions", {"prompt": text}), ("/v1/chat/completions", {"messages": [{"role": "user", "content": text}]}),
                       ("/api/generate", {"prompt": text}), ("/api/chat", {"messages": [{"role": "user", "content": text}]}),
                       ("/completion", {"prompt": text}), ("/completion", {"prompt": [1, text]}), ("/tokenize", {"content": text}),
                       ("/infill", {"input_prefix": text, "input_suffix": ""}), ("/completion", {"prompt": "a", "logit_bias": {text: 1}}),
                       ("/v1/messages/count_tokens", {"messages": [{"role": "user", "content": text}]})]:
        start = time.monotonic()
        status, answer = server.http("POST", path, {"model": MODEL} | body)
        assert status in (400, 501), (path, answer)
        assert time.monotonic() - start < 3, path


@pytest.mark.memory(60)
def test_slow_bodies(server):
    clients = []
    for _ in range(50):
        client = server.connect()
        client.sendall(b"POST /api/generate HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{")
        clients.append(client)
    end = time.monotonic() + 3
    while time.monotonic() < end:
        for client in clients:
            send(client, b" ")
        time.sleep(0.1)
    assert all(answer(client) == 408 for client in clients)
    assert server.closed("slow_body") >= 50


# Most of it are the keys and values of eight answers.
@pytest.mark.memory(350)
def test_readers_that_stop(server):
    """Answers of more megabytes than the system keeps for a connection, of which nothing is read."""
    request = json.dumps({"model": MODEL, "messages": [{"role": "user", "content": "Count to a thousand."}], "max_tokens": 1500,
                          "ignore_eos": True, "n": 4, "stream": True, "logprobs": True, "top_logprobs": 20})
    clients = []
    for _ in range(2):
        client = server.connect(receive_buffer=4096)
        client.sendall(f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(request)}\r\n\r\n{request}".encode())
        clients.append(client)
    assert soon(lambda: server.closed("slow_reader") == 2, 60)
    slots = json.loads(server.http("GET", f"/slots?model={MODEL}")[1])
    # At most the normal client's.
    assert sum(slot["is_processing"] for slot in slots) <= 1


@pytest.mark.memory(60)
def test_requests_that_are_sent_ahead(server):
    client = server.connect()
    send(client, b"POST /api/generate HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}" + b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20_000)
    end = time.monotonic() + 10
    while select.select([client], [], [], 1)[0] and is_open(client):
        assert time.monotonic() < end
    assert server.closed("pipelined") >= 1


def is_open(client):
    """Whether the connection is still there, with what it has to say read."""
    try:
        return bool(client.recv(1 << 20))
    except ConnectionResetError:
        return False


@pytest.mark.memory(60)
def test_bodies_that_wait_to_be_asked_for(server):
    def head(length):
        client = server.connect()
        client.sendall(f"POST /api/show HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n\r\n".encode())
        return client, client.recv(65536)
    client, first = head(100 * MEGABYTE)
    assert first.startswith(b"HTTP/1.1 413")
    body = json.dumps({"model": MODEL}).encode()
    client, first = head(len(body))
    assert first == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.sendall(body)
    assert client.recv(65536).startswith(b"HTTP/1.1 200")
