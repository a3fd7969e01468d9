#!/usr/bin/env python3
"""Quantizing against llama.cpp's own quantizer in one run: seconds, their ratio, peak memory, and whether the bytes are equal.

usage: quantize.py [--threads 2] [--rounds 3] [--types Q4_K_M,IQ2_XS] [--imatrix F] MODEL-F16.gguf

Needs swiftlet built in release mode, and a Python with llama-cpp-python as engine.py does (PEER_PYTHON). Each turn is a process
of its own; the input is read once before, so that both find it in the page cache. Seconds are swiftlet's whole process, and for
llama.cpp the one call, without Python's start. CPU seconds add up all threads, user and system: where other work shares the
machine, their ratio says more than the clock's. Peak memory counts the input's mapped pages that are resident, as the system
does. Types that need an importance matrix are left out unless --imatrix names one; it is then used for every type.
"""
import argparse
import hashlib
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
FILE_TYPES = dict(
    Q4_0=2, Q4_1=3, Q8_0=7, Q5_0=8, Q5_1=9, Q2_K=10, Q3_K_S=11, Q3_K_M=12, Q3_K_L=13, Q4_K_S=14, Q4_K_M=15, Q5_K_S=16, Q5_K_M=17,
    Q6_K=18, IQ2_XXS=19, IQ2_XS=20, Q2_K_S=21, IQ3_XS=22, IQ3_XXS=23, IQ1_S=24, IQ4_NL=25, IQ3_S=26, IQ3_M=27, IQ2_S=28, IQ2_M=29,
    IQ4_XS=30, IQ1_M=31, BF16=32, TQ1_0=36, TQ2_0=37)
NEED_MATRIX = {"IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ2_M", "IQ1_S", "IQ1_M", "IQ3_XXS", "Q2_K_S"}


class Turn:
    """One process: seconds, CPU seconds (those that it prints, if it prints two numbers), and peak memory in MB."""

    def __init__(self, command):
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        output, error = process.stdout.read(), process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            sys.exit(f"quantize.py: {' '.join(map(str, command[:4]))} ... failed\n{error}")
        self.seconds = time.perf_counter() - start
        self.cpu = usage.ru_utime + usage.ru_stime
        self.peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
        try:
            self.seconds, self.cpu = map(float, output.split())
        except ValueError:
            pass  # swiftlet's report


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--types", default="Q8_0,Q4_0,Q4_K_M,Q5_K_M,Q6_K,Q3_K_M,Q2_K,IQ4_NL,IQ4_XS,IQ3_S,IQ3_XXS,IQ2_XS,IQ1_S")
    parser.add_argument("--imatrix", help="of `swiftlet imatrix`, GGUF or .dat")
    parser.add_argument("--swiftlet", default=str(HERE / "../.build/release/swiftlet"))
    options = parser.parse_args()
    peer = os.environ.get("PEER_PYTHON", str(HERE / ".peer/bin/python"))
    if not os.path.exists(peer):
        sys.exit(f"quantize.py: no peer at {peer}; see engine.py --help")
    digest(options.model)
    columns = ["type", *(f"{who} {what} (min-max)" for what in ("s", "CPU s") for who in ("swiftlet", "llama.cpp"))]
    columns += ["ratio", "CPU ratio", "swiftlet peak MB", "llama.cpp peak MB", "bytes"]
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}", flush=True)
    with tempfile.TemporaryDirectory(dir=pathlib.Path(options.model).parent) as folder:
        ours, theirs, matrix = f"{folder}/ours.gguf", f"{folder}/theirs.gguf", []
        if options.imatrix:
            # The old form holds all that both need, and is read in a few lines.
            matrix = [f"{folder}/matrix.dat"]
            Turn([options.swiftlet, "imatrix", "--in-file", options.imatrix, "--output", *matrix])
        use = [f"--imatrix={path}" for path in matrix]
        for name in options.types.split(","):
            if name in NEED_MATRIX and not matrix:
                continue
            turns = []
            for _ in range(options.rounds):
                threads = str(options.threads)
                mine = Turn([options.swiftlet, "quantize", options.model, ours, name, "--threads", threads, *use])
                other = Turn([peer, HERE / "quantize_peer.py", options.model, theirs, str(FILE_TYPES[name]), threads, *matrix])
                turns.append((mine, other))
            equal = "equal" if digest(ours) == digest(theirs) else "DIFFERENT"
            mine, other = zip(*turns)
            cells = [name]
            cells += [summary([turn.seconds for turn in side]) for side in (mine, other)]
            cells += [summary([turn.cpu for turn in side]) for side in (mine, other)]
            cells += [f"{statistics.median(b.seconds / a.seconds for a, b in turns):.1f}"]
            cells += [f"{statistics.median(b.cpu / a.cpu for a, b in turns):.1f}"]
            cells += [f"{max(turn.peak for turn in side):.0f}" for side in (mine, other)]
            print(f"| {' | '.join(cells)} | {equal} |", flush=True)


def summary(values):
    middle = f"{statistics.median(values):.1f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):.1f}-{max(values):.1f})"


main()
