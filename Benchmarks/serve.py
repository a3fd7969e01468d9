#!/usr/bin/env python3
"""`swiftlet serve` under load, beside llama.cpp's server on the same machine in the same run.

usage: serve.py [--peer PROGRAM] [--only load,single,long,prefix,memory,cost] [--rounds 3] [--json FILE] MODEL.gguf

    load     16 clients at once, prompts of 128 tokens of their own, answers of 64: tokens a second, time to first token
    single   1 client, the same, beside the engine alone (`swiftlet bench -pg 128,64`)
    long     4 clients generate while a prompt of 4,000 tokens arrives: times between tokens before and meanwhile
    prefix   time to first token with a system prompt of 2,000 tokens: cold, known, and known from before a restart (ours alone)
    cost     load, with API keys, audit log, history and a reader of /metrics each second, and without: the share that they take
             (ours alone)
    memory   growth over --requests short requests and with 1,000 idle connections (ours alone)

The peer is `llama_cpp.server` of the Python in PEER_PYTHON (see engine.py; it needs fastapi, uvicorn, sse-starlette, starlette-context and
pydantic-settings), which answers one request after the other, or a llama-server of the same sources named by --peer, which runs 16
at once. Servers take turns: while one is measured the other is idle. Needs swiftlet built in release mode (SWIFTLET names it).
"""
import argparse
import asyncio
import contextlib
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from common import Table, add_write, machine, peer_python, swiftlet

CONTEXT = 8192
WORDS = ("time year people way day man thing woman life child world school state family student group country problem hand part "
         "place case week company system program question work government number night point home water room mother area money story "
         "fact month lot right study book eye job word business issue side kind head house service friend father power hour game").split()


class Server:
    """A server's process, and where it listens."""

    def __init__(self, name, command, port, environment=None):
        self.name, self.port = name, port
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([str(part) for part in command], stdout=self.log, stderr=self.log, env={**os.environ, **(environment or {})})

    async def ready(self, path):
        for _ in range(600):
            if self.process.poll() is not None:
                self.log.seek(0)
                sys.exit(f"{self.name} ended: {self.log.read().decode()[-2000:]}")
            with contextlib.suppress(OSError, ValueError):
                if (await get(self.port, path))[0] == 200:
                    return self
            await asyncio.sleep(0.1)
        sys.exit(f"{self.name} does not answer")

    def resident(self):
        """Bytes of memory that are the process's own: pages of the mapped model do not count."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return 1024 * sum(int(line.split()[1]) for line in text.splitlines() if line.startswith(("RssAnon", "RssShmem")))

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Ours:
    """Our server with a library that holds the model, and a prefix cache that outlives it."""

    name = "swiftlet"

    def __init__(self, options, home, more=()):
        self.options, self.home, self.more = options, home, more
        self.environment = {"SWIFTLET_HOME": str(home)}
        subprocess.run([swiftlet(), "pull", str(pathlib.Path(options.model).resolve()), "--as", "bench"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **self.environment})

    async def start(self):
        port = free_port()
        command = [swiftlet(), "serve", "--port", port, "--context", CONTEXT, "--threads", self.options.threads, *self.options.serve, *self.more]
        return await Server(self.name, command, port, self.environment).ready("/v1/models")


class Peer:
    def __init__(self, options):
        self.options = options
        self.name = "llama-server" if options.peer else "llama_cpp.server"

    async def start(self):
        port, threads = free_port(), self.options.threads
        if self.options.peer:
            # Room for each of 16 sequences, as they have with ours.
            command = [self.options.peer, "-m", self.options.model, "-c", 16 * CONTEXT, "-np", 16, "-t", threads, "--port", port]
            return await Server(self.name, command, port).ready("/health")
        # Without this a new request ends the one before it.
        command = [peer_python(), "-m", "llama_cpp.server", "--model", self.options.model, "--n_ctx", CONTEXT, "--n_threads", threads,
                   "--n_threads_batch", threads, "--port", port, "--interrupt_requests", "False"]
        return await Server(self.name, command, port).ready("/v1/models")


async def get(port, path):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    data = await reader.read()
    writer.close()
    return int(data.split(b" ", 2)[1]), data


class Stream:
    """One streamed completion: when it began, when each piece of text came, and how many tokens it was."""

    def __init__(self, port, prompt, tokens, seed=1, key=None, **more):
        self.port, self.times, self.text = port, [], ""
        self.key = f"Authorization: Bearer {key}\r\n" if key else ""
        self.body = {"model": "bench", "prompt": prompt, "max_tokens": tokens, "temperature": 0, "seed": seed, "stream": True,
                     "stream_options": {"include_usage": True}, "ignore_eos": True} | more
        self.counted = None

    async def run(self):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 24)
        body = json.dumps(self.body).encode()
        self.begin = time.perf_counter()
        writer.write(b"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
                     + f"{self.key}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        status = await reader.readline()
        if b" 200 " not in status:
            raise RuntimeError((status + await reader.read()).decode()[:500])
        try:
            async for line in reader:
                if line.startswith(b"data: {"):
                    self.take(json.loads(line[6:]))
                elif line.startswith(b"data: [DONE]"):
                    break
        finally:
            writer.close()
        self.end = time.perf_counter()
        return self

    def take(self, chunk):
        if "error" in chunk:
            raise RuntimeError(chunk["error"])
        if chunk.get("usage"):
            self.counted = chunk["usage"]["completion_tokens"]
        for choice in chunk.get("choices", []):
            if choice.get("text"):
                self.times.append(time.perf_counter())
                self.text += choice["text"]

    @property
    def tokens(self):
        return self.counted or len(self.times)

    @property
    def first(self):
        return self.times[0] - self.begin

    @property
    def gaps(self):
        return [b - a for a, b in zip(self.times, self.times[1:])]


class Prompts:
    """Texts of exactly so many tokens, each of them new."""

    def __init__(self, port):
        self.port = port
        self.random = random.Random(1)

    def call(self, path, body):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", json.dumps({"model": "bench"} | body).encode())
        with urllib.request.urlopen(request) as response:
            return json.load(response)

    def make(self, count):
        text = " ".join(self.random.choice(WORDS) for _ in range(count + 8))
        return self.call("/detokenize", {"tokens": self.call("/tokenize", {"content": text})["tokens"][:count]})["content"]


def quantile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]


async def load(server, prompts, clients, answers=64, key=None):
    """Numbers of clients that all begin at once."""
    begin = time.perf_counter()
    streams = await asyncio.gather(*(Stream(server.port, prompt, answers, key=key).run() for prompt in prompts[:clients]))
    seconds = time.perf_counter() - begin
    firsts = [stream.first for stream in streams]
    return {"tokens_per_second": sum(stream.tokens for stream in streams) / seconds, "answered": sum(stream.tokens for stream in streams),
            "ttft_p50": statistics.median(firsts), "ttft_p99": quantile(firsts, 0.99),
            "inter_token_p50": statistics.median(gap for stream in streams for gap in stream.gaps)}


async def cost(options, home):
    """Tokens a second of two servers in turns: one that keeps keys, audit log and history and is asked for its metrics, one that does not."""
    plain = Ours(options, home / "plain", ["--history", "off"])
    watched = Ours(options, home / "watched", ["--audit", home / "audit"])
    key = subprocess.run([swiftlet(), "key", "add", "bench"], check=True, capture_output=True, text=True,
                         env={**os.environ, **watched.environment}).stdout.split()[0]
    servers = [await plain.start()]
    port = free_port()
    command = [swiftlet(), "serve", "--port", port, "--context", CONTEXT, "--threads", options.threads, *options.serve, *watched.more]
    servers.append(await Server("watched", command, port, watched.environment).ready("/ready"))
    prompts = Prompts(servers[0].port)

    async def scrape():
        while True:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"GET /metrics HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n\r\n".encode())
            await reader.read()
            writer.close()
            await asyncio.sleep(1)

    ratios, rates = [], ([], [])
    try:
        for number in range(2 * options.rounds + 1):
            texts = [prompts.make(128) for _ in range(16)]
            # Who begins changes from round to round.
            for which in ((0, 1), (1, 0))[number % 2]:
                scraper = asyncio.create_task(scrape()) if which else None
                run = await load(servers[which], texts, 16, key=key if which else None)
                if scraper:
                    scraper.cancel()
                # The first round loads the models.
                if number:
                    rates[which].append(run["tokens_per_second"])
            if number:
                ratios.append(rates[1][-1] / rates[0][-1])
    finally:
        for server in servers:
            server.end()
    return {"without": statistics.median(rates[0]), "with": statistics.median(rates[1]), "cost": 1 - statistics.median(ratios),
            "rounds": len(ratios), "lowest": 1 - max(ratios), "highest": 1 - min(ratios)}


async def while_long(server, short, long):
    """Times between the tokens of 4 streams, alone and while a long prompt is read."""
    streams = [Stream(server.port, prompt, 400) for prompt in short]
    tasks = [asyncio.create_task(stream.run()) for stream in streams]
    await asyncio.sleep(3)
    arrival = Stream(server.port, long, 1)
    begin = time.perf_counter()
    await arrival.run()
    end = arrival.times[0] if arrival.times else arrival.end
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    def gaps(low, high):
        return [b - a for stream in streams for a, b in zip(stream.times, stream.times[1:]) if low <= b and a < high]
    before, during = gaps(begin - 2, begin), gaps(begin, end) or [end - begin]
    return {"before_p50": statistics.median(before), "during_p50": statistics.median(during), "during_max": max(during),
            "slower": statistics.median(during) / statistics.median(before), "long_ttft": end - begin}


async def prefix(ours):
    server = await ours.start()
    prompts = Prompts(server.port)
    await Stream(server.port, prompts.make(64), 8).run()
    cold, known, restarted = [], [], []
    systems = [prompts.make(2000) for _ in range(3)]
    for system in systems:
        cold.append((await Stream(server.port, system + prompts.make(16), 4).run()).first)
        known.append((await Stream(server.port, system + prompts.make(16), 4).run()).first)
    await asyncio.sleep(2)
    server.end()
    server = await ours.start()
    prompts.port = server.port
    await Stream(server.port, prompts.make(64), 8).run()
    for system in systems:
        restarted.append((await Stream(server.port, system + prompts.make(16), 4).run()).first)
    server.end()
    middle = statistics.median
    return {"cold": middle(cold), "known": middle(known), "restarted": middle(restarted),
            "known_share": middle(known) / middle(cold), "restarted_share": middle(restarted) / middle(cold)}


async def memory(server, prompts, requests):
    """Growth of memory after a first tenth of short requests, and with idle connections."""
    texts = [prompts.make(16) for _ in range(16)]

    async def some(count):
        for start in range(0, count, 16):
            await asyncio.gather(*(Stream(server.port, text, 4).run() for text in texts[:min(16, count - start)]))
    await some(max(200, requests // 10))
    warm = server.resident()
    await some(requests)
    after = server.resident()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096) if hard != resource.RLIM_INFINITY else 4096, hard))
    connections = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(1000)]
    for _, writer in connections:
        writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    for reader, _ in connections:
        await reader.readuntil(b"ok")
    idle = server.resident()
    for _, writer in connections:
        writer.close()
    return {"warm_mb": warm / 1e6, "after_mb": after / 1e6, "growth": after / warm - 1, "requests": requests,
            "idle_connections_mb": (idle - after) / 1e6}


def bare(options):
    """Answers' tokens a second of the engine alone, a prompt of 128 and an answer of 64 tokens."""
    command = [swiftlet(), "bench", "-m", options.model, "-p", 0, "-n", 0, "-pg", "128,64", "-t", options.threads, "-r", 3, "-o", "json"]
    output = subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    return 64 / (json.loads(output)[0]["avg_ns"] / 1e9)


def median_of(runs):
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


async def measure(options, home):
    only = options.only.split(",")
    if only == ["cost"]:
        return {"machine": machine(), "model": pathlib.Path(options.model).name, "cost": {Ours.name: await cost(options, home)}}
    ours, results = Ours(options, home), {"machine": machine(), "model": pathlib.Path(options.model).name}
    server = await ours.start()
    prompts = Prompts(server.port)
    servers = [server] + ([] if options.no_peer else [await Peer(options).start()])
    # The same prompts for both, and none twice: nobody finds them in a cache.
    sets = [[prompts.make(128) for _ in range(16)] for _ in range(options.rounds + 1)]
    try:
        for name, clients in (("load", 16), ("single", 1)):
            if name not in only:
                continue
            runs = {server.name: [] for server in servers}
            engine = []
            for number, texts in enumerate(sets):
                if clients == 1 and number:
                    engine.append(bare(options))
                for server in servers:
                    run = await load(server, texts if clients > 1 else [prompts.make(128)], clients)
                    # The first round loads the model and warms up.
                    if number:
                        runs[server.name].append(run)
            results[name] = {server: median_of(list) for server, list in runs.items()}
            if engine:
                results[name][ours.name] |= {"engine_alone": statistics.median(engine)}
        if "long" in only:
            results["long"] = {}
            for server in servers:
                results["long"][server.name] = await while_long(server, [prompts.make(32) for _ in range(4)], prompts.make(4000))
        if "memory" in only:
            results["memory"] = {ours.name: await memory(servers[0], prompts, options.requests)}
    finally:
        for server in servers:
            server.end()
    if "cost" in only:
        results["cost"] = {ours.name: await cost(options, home)}
    if "prefix" in only:
        results["prefix"] = {ours.name: await prefix(ours)}
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--peer", help="a llama-server")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--only", default="load,single,long,prefix,memory")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--serve", action="append", default=[], metavar="OPTION", help="another option of `swiftlet serve`")
    add_write(parser)
    options = parser.parse_args()
    home = pathlib.Path(tempfile.mkdtemp(prefix="swiftlet-serve-"))
    try:
        results = asyncio.run(measure(options, home))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    table = Table(options.write, "what", "number", "swiftlet", "peer", "ratio")
    for name in ("load", "single", "long", "prefix", "memory", "cost"):
        for number in results.get(name, {}).get("swiftlet", {}):
            mine, *others = [numbers[number] for numbers in results[name].values() if number in numbers]
            table.add(name, number, f"{mine:.4g}", f"{others[0]:.4g}" if others else "", f"{mine / others[0]:.2f}" if others and others[0] else "")
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(results, indent=2) + "\n")


main()
