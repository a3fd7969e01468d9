"""A `swiftlet serve` of its own for a long test: a library in a folder, keys, an audit log, a history, a prefix cache."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time
import urllib.request


class Server:
    def __init__(self, swiftlet, home, options=()):
        self.swiftlet, self.home = pathlib.Path(swiftlet).resolve(), pathlib.Path(home)
        self.audit = self.home / "audit"
        self.options = list(options)
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("SWIFTLET_")}
        self.environment["SWIFTLET_HOME"] = str(self.home)
        self.process = None
        self.address = None

    def run(self, *arguments, check=True):
        """One run of the command, its standard output."""
        result = subprocess.run(
            [self.swiftlet, *arguments], env=self.environment, capture_output=True, text=True, timeout=300)
        if check and result.returncode != 0:
            raise RuntimeError(f"swiftlet {' '.join(arguments)}: {result.returncode}\n{result.stdout}{result.stderr}")
        return result.stdout

    def add_model(self, name, path):
        self.run("pull", str(path), "--as", name)

    def start(self):
        self.log = open(self.home / "log", "a")
        self.process = subprocess.Popen(
            [self.swiftlet, "serve", "--host", "127.0.0.1:0", "--audit", str(self.audit), *self.options],
            env=self.environment, stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        found = re.search(r"http://[^ ]+", line)
        if not found:
            raise RuntimeError(f"the server did not start: {line}{(self.home / 'log').read_text()[-2000:]}")
        self.address = found.group(0)
        return self

    def add_key(self, name, *options):
        return self.run("key", "add", name, *options).splitlines()[0].strip()

    def is_alive(self):
        return self.process.poll() is None

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()
        self.log.close()

    def stop(self, limit=60):
        """Ends as an operator would; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(limit)
        self.process.stdout.close()
        self.log.close()
        return status

    def own_bytes(self):
        """Resident memory that no file backs."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return sum(int(n) * 1024 for n in re.findall(r"^(?:RssAnon|RssShmem):\s+(\d+)", status, re.M))

    def verify_audit(self):
        return json.loads(self.run("audit", "verify", str(self.audit), "--json", check=False))

    def audit_records(self):
        text = self.run("audit", "show", str(self.audit), "--json", "--limit", "100000000")
        return [json.loads(line) for line in text.splitlines()]

    def get(self, path, key=None):
        request = urllib.request.Request(self.address + path)
        if key:
            request.add_header("Authorization", f"Bearer {key}")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()


def fresh_home(path):
    path = pathlib.Path(path)
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path
