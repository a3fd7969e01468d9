#!/usr/bin/env python3
"""Prompt processing and generation against llama.cpp (llama-cpp-python), in turns in one run; medians and their ratio.

usage: engine.py [--threads 2] [--prompt 256] [--generation 64] [--rounds 7] MODEL.gguf...

Needs a Python with llama-cpp-python 0.3.36 built on this machine, named by PEER_PYTHON:
    python3 -m venv .peer && .peer/bin/pip install numpy && \\
    CMAKE_ARGS=-DGGML_NATIVE=ON .peer/bin/pip install --no-binary llama-cpp-python llama-cpp-python==0.3.36
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).parent


def start(command):
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def turn(process):
    process.stdin.write("\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--prompt", type=int, default=256)
    parser.add_argument("--generation", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    peer_python = os.environ.get("PEER_PYTHON", str(HERE / ".peer/bin/python"))
    if not os.path.exists(peer_python):
        sys.exit(f"engine.py: no peer at {peer_python}; see --help")
    subprocess.run(["swift", "build", "-c", "release", "--package-path", HERE], check=True, stdout=sys.stderr)
    print("| model | phase | swiftlet tok/s (min-max) | llama.cpp tok/s (min-max) | ratio |\n|---|---|---|---|---|")
    for model in options.models:
        arguments = [model, str(options.threads), str(options.prompt), str(options.generation), str(options.rounds + 1)]
        ours = start([HERE / ".build/release/engine-benchmark", *arguments])
        peer = start([peer_python, HERE / "peer.py", *arguments])
        results = [(turn(ours), turn(peer)) for _ in range(options.rounds + 1)][1:]
        for phase in ("prompt", "generation"):
            mine, theirs = ([r[i][phase] for r in results] for i in (0, 1))
            ratio = statistics.median(a / b for a, b in zip(mine, theirs))
            print(f"| {pathlib.Path(model).name} | {phase} | {summary(mine)} | {summary(theirs)} | {ratio:.2f} |", flush=True)
        for process in (ours, peer):
            process.stdin.close()
            process.wait()


def summary(values):
    return f"{statistics.median(values):.1f} ({min(values):.1f}-{max(values):.1f})"


main()
