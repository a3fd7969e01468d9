#!/usr/bin/env python3
"""Kills `swiftlet serve` (SIGKILL) at random moments under load, and looks whether anything that was acknowledged is lost.

After each kill: the audit log verifies and tells of every answer that a client had whole; the history opens; every copy of a
model that was acknowledged is in the library, every deleted one is not; a new server answers as the first one did, also out of
the prefix cache on disk.

usage: dev/soak/kill.py --swiftlet .build/release/swiftlet --model FILE.gguf [--times 50]
"""
import argparse
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

PROMPT = "Count: " + " ".join(str(n) for n in range(400))


def post(server, path, body, method="POST"):
    address = urllib.parse.urlparse(server.address)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    try:
        connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.headers["X-Request-Id"], answer.read()
    finally:
        connection.close()


def known_answer(server):
    """An answer without chance, to a prompt that is long enough for the cache on disk."""
    body = {"model": "smol", "prompt": PROMPT, "stream": False, "raw": True, "options": {"temperature": 0, "num_predict": 12}}
    return json.loads(post(server, "/api/generate", body)[2])["response"]


class Load:
    def __init__(self, server, seed):
        self.server, self.dice, self.stop = server, random.Random(seed), threading.Event()
        self.lock, self.answered, self.copies = threading.Lock(), [], {}
        self.number = 0

    def ask(self, dice):
        body = {"model": "smol", "prompt": PROMPT[: dice.choice([20, 900, 1400])] + str(dice.random()), "options": {"num_predict": dice.choice([1, 8])}, "stream": dice.random() < 0.5}
        status, request, _ = post(self.server, "/api/generate", body)
        with self.lock:
            self.answered.append((request, status))

    def change(self, dice):
        with self.lock:
            self.number += 1
            name = f"copy{self.number}:latest"
        if dice.random() < 0.7 or not self.copies:
            self.copies[name] = None
            if post(self.server, "/api/copy", {"source": "smol", "destination": name})[0] == 200:
                self.copies[name] = True
        else:
            name = dice.choice(list(self.copies))
            was, self.copies[name] = self.copies[name], None
            status = post(self.server, "/api/delete", {"model": name}, "DELETE")[0]
            self.copies[name] = False if status in (200, 404) else was
        time.sleep(dice.uniform(0, 0.2))

    def work(self, number, what):
        dice = random.Random(self.dice.random())
        while not self.stop.is_set():
            try:
                what(dice)
            except (OSError, http.client.HTTPException):
                # The server is gone.
                time.sleep(0.01)

    def start(self):
        self.threads = [threading.Thread(target=self.work, args=(n, self.ask), daemon=True) for n in range(6)]
        self.threads.append(threading.Thread(target=self.work, args=(9, self.change), daemon=True))
        for thread in self.threads:
            thread.start()

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join(70)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--swiftlet", required=True)
    options.add_argument("--model", required=True)
    options.add_argument("--times", type=int, default=50)
    options.add_argument("--seed", type=int, default=int(time.time()))
    options = options.parse_args()
    dice = random.Random(options.seed)
    print(f"seed {options.seed}")
    home = fresh_home(tempfile.mkdtemp(prefix="swiftlet-kill-"))
    server = Server(options.swiftlet, home, ["--context", "2048", "--log-level", "warning", "--prefix-cache-size", "200MB"])
    server.add_model("smol", options.model)
    server.start()
    expected = known_answer(server)
    copies, answers, problems = {}, 0, []
    for time_number in range(options.times):
        load = Load(server, dice.random())
        load.copies = {name: state for name, state in copies.items() if state is not None}
        load.number = 1000 * time_number
        load.start()
        time.sleep(dice.uniform(0.05, 4))
        server.kill()
        load.end()
        audit = server.verify_audit()
        if not audit["ok"]:
            problems.append(f"{time_number}: audit {audit['problems'][:2]}")
        told = {record.get("request") for record in server.audit_records()}
        lost = [a for a in load.answered if a[0] not in told]
        if lost:
            problems.append(f"{time_number}: answers that the audit log does not tell of: {lost[:3]}")
        answers += len(load.answered)
        try:
            json.loads(server.run("stats", "--json"))
        except (RuntimeError, ValueError) as error:
            problems.append(f"{time_number}: history: {error}")
        copies = load.copies
        names = {line.split()[0] for line in server.run("list").splitlines()[1:] if line.strip()}
        for name, state in copies.items():
            if state is True and name not in names:
                problems.append(f"{time_number}: the copy {name} is lost")
            if state is False and name in names:
                problems.append(f"{time_number}: {name} was deleted and is there")
        server.start()
        if known_answer(server) != expected:
            problems.append(f"{time_number}: another answer after the start")
        print(f"kill {time_number + 1}: {len(load.answered)} answers before it, audit {audit['lines']} lines, {len(names)} models, {len(problems)} problems", flush=True)
        # The library stays small.
        for name in [n for n, state in copies.items() if state is True][:-5]:
            post(server, "/api/delete", {"model": name}, "DELETE")
            copies[name] = False
    status = server.stop()
    if status != 0:
        problems.append(f"the last server ended with {status}")
    if not server.verify_audit()["ok"]:
        problems.append("the audit log does not verify at the end")
    log = (home / "log").read_text()
    for problem in problems[:40]:
        print("PROBLEM", problem)
    print(f"{options.times} kills, {answers} whole answers, {len(problems)} problems; log {len(log.splitlines())} lines; {home}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
