#!/usr/bin/env python3
"""Prompt processing and generation against llama.cpp (llama-cpp-python), in turns in one run; medians, their ratio, and the share
of this machine's limits that swiftlet reaches (measured by `swiftlet bench`, which must be built).

usage: engine.py [--threads 2] [--prompt 256] [--generation 64] [--depth 0] [--cache f16] [--rounds 7] MODEL.gguf...

Prompts of --prompt tokens are read after --depth others, and then --generation tokens follow. For generation at depth 4096 alone:
--depth 4096 --prompt 1.

Needs a Python with llama-cpp-python 0.3.36 built on this machine, named by PEER_PYTHON:
    python3 -m venv .peer && .peer/bin/pip install numpy && \\
    CMAKE_ARGS=-DGGML_NATIVE=ON .peer/bin/pip install --no-binary llama-cpp-python llama-cpp-python==0.3.36
"""
import argparse
import pathlib

from common import HERE, Table, Turns, add_write, bench, build, peer_python, ratio, summary


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--prompt", type=int, default=256)
    parser.add_argument("--generation", type=int, default=64)
    parser.add_argument("--depth", type=int, default=0)
    parser.add_argument("--cache", choices=["f16", "q8_0", "f32"], default="f16")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--no-limits", action="store_true", help="leave the share of the machine's limits out")
    add_write(parser)
    options = parser.parse_args()
    peer, program = peer_python(), build("engine-benchmark") / "engine-benchmark"
    table = Table(options.write, "model", "phase", "swiftlet tok/s (min-max)", "llama.cpp tok/s (min-max)", "ratio", "of limit")
    for model in options.models:
        numbers = [options.threads, options.prompt, options.generation, options.rounds + 1, options.depth]
        ours = Turns([program, model, *numbers, options.cache])
        theirs = Turns([peer, HERE / "peer.py", model, *numbers, options.cache])
        # The first turn warms up.
        results = [(ours.turn(), theirs.turn()) for _ in range(options.rounds + 1)][1:]
        ours.end()
        theirs.end()
        limits = {} if options.no_limits else machine_limits(model, options)
        for phase in ("prompt", "generation"):
            mine, others = ([result[i][phase] for result in results] for i in (0, 1))
            share = f"{sorted(mine)[len(mine) // 2] / limits[phase][0]:.0%} {limits[phase][1]}" if limits else ""
            name = pathlib.Path(model).name
            table.add(name, phase, summary(mine), summary(others), f"{ratio(mine, others):.2f}", share)


def machine_limits(model, options):
    """Tokens a second at the limit, and what sets it."""
    common = ["-m", model, "-t", options.threads, "-ctk", options.cache, "-r", 1, "--no-warmup"]
    limits = {}
    # One run each: only the limits are wanted.
    for phase, arguments in (
        ("prompt", ["-p", options.prompt, "-n", 0, "-d", options.depth]),
        ("generation", ["-p", 0, "-n", options.generation, "-d", options.depth + options.prompt]),
    ):
        result = bench(*common, *arguments)[0]
        limits[phase] = result["limit_ts"], result["limit"]
    return limits


main()
