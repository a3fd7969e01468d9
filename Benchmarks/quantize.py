#!/usr/bin/env python3
"""Quantizing against llama.cpp's own quantizer in one run: seconds, their ratio, peak memory, and whether the bytes are equal.

usage: quantize.py [--threads 2] [--rounds 3] [--types Q4_K_M,Q8_0] MODEL-F16.gguf

Needs swiftlet built in release mode, and a Python with llama-cpp-python as engine.py does (PEER_PYTHON). Each turn is a process
of its own; the input is read once before, so that both find it in the page cache. Seconds are swiftlet's whole process, and for
llama.cpp the one call, without Python's start. Peak memory counts the input's mapped pages that are resident, as the system does.
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
PEER = """
import ctypes, sys, time, llama_cpp as l
source, target, kind, threads = sys.argv[1:5]
quiet = l.llama_log_callback(lambda level, text, data: None)
l.llama_log_set(quiet, ctypes.c_void_p(0))
p = l.llama_model_quantize_default_params()
p.nthread, p.ftype = int(threads), int(kind)
start = time.perf_counter()
status = l.llama_model_quantize(source.encode(), target.encode(), ctypes.byref(p))
print(time.perf_counter() - start)
sys.exit(status)
"""
FILE_TYPES = dict(
    Q4_0=2, Q4_1=3, Q8_0=7, Q5_0=8, Q5_1=9, Q2_K=10, Q3_K_S=11, Q3_K_M=12, Q3_K_L=13, Q4_K_S=14, Q4_K_M=15, Q5_K_S=16, Q5_K_M=17,
    Q6_K=18, IQ3_XS=22, IQ3_XXS=23, IQ4_NL=25, IQ3_S=26, IQ3_M=27, IQ4_XS=30, BF16=32, TQ1_0=36, TQ2_0=37)


def timed(command):
    """Seconds (those that the command prints, if it prints a number), and peak memory in MB."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    output, error = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"quantize.py: {' '.join(map(str, command[:4]))} ... failed\n{error}")
    scale = 1 if sys.platform == "darwin" else 1024
    seconds = time.perf_counter() - start
    try:
        seconds = float(output)
    except ValueError:
        pass  # swiftlet's report
    return seconds, usage.ru_maxrss * scale / 1e6


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--types", default="Q8_0,Q4_0,Q4_K_M,Q5_K_M,Q6_K,Q3_K_M,Q2_K,IQ4_NL,IQ4_XS")
    parser.add_argument("--swiftlet", default=str(HERE / "../.build/release/swiftlet"))
    options = parser.parse_args()
    peer = os.environ.get("PEER_PYTHON", str(HERE / ".peer/bin/python"))
    if not os.path.exists(peer):
        sys.exit(f"quantize.py: no peer at {peer}; see engine.py --help")
    digest(options.model)
    print("| type | swiftlet s (min-max) | llama.cpp s (min-max) | ratio | swiftlet peak MB | llama.cpp peak MB | bytes |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(dir=pathlib.Path(options.model).parent) as folder:
        ours, theirs = f"{folder}/ours.gguf", f"{folder}/theirs.gguf"
        for name in options.types.split(","):
            turns = []
            for _ in range(options.rounds):
                mine = timed([options.swiftlet, "quantize", options.model, ours, name, "--threads", str(options.threads)])
                other = timed([peer, "-c", PEER, options.model, theirs, str(FILE_TYPES[name]), str(options.threads)])
                turns.append((mine, other))
            equal = "equal" if digest(ours) == digest(theirs) else "DIFFERENT"
            seconds = [[turn[i][0] for turn in turns] for i in (0, 1)]
            peaks = [max(turn[i][1] for turn in turns) for i in (0, 1)]
            ratio = statistics.median(b / a for a, b in zip(*seconds))
            print(
                f"| {name} | {summary(seconds[0])} | {summary(seconds[1])} | {ratio:.1f} | {peaks[0]:.0f} | {peaks[1]:.0f} "
                f"| {equal} |", flush=True)


def summary(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


main()
