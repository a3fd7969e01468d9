#!/usr/bin/env python3
"""From process start to the first token of a prompt of 5 tokens, the file in the page cache: `swiftlet run`, seconds by the clock.

usage: start.py [--runs 15] MODEL...      names of the library or paths
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import time

from common import Table, add_write, swiftlet


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--prompt", default="The capital of France is")
    add_write(parser)
    options = parser.parse_args()
    table = Table(
        options.write, "model", "process, s: median (min-max)", "first token, s", "of that loading, s", "peak memory, MB")
    for model in options.models:
        seconds, reports = [], []
        for _ in range(options.runs + 1):
            command = [swiftlet(), "run", model, options.prompt, "--raw", "--max-tokens", "1", "--temperature", "0", "--json"]
            start = time.perf_counter()
            output = subprocess.run(command, check=True, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL).stdout
            seconds.append(time.perf_counter() - start)
            reports.append(json.loads(output))
        seconds, reports = seconds[1:], reports[1:]

        def median(read):
            return statistics.median(read(report) for report in reports)

        table.add(
            pathlib.Path(model).name, f"{statistics.median(seconds):.3f} ({min(seconds):.3f}-{max(seconds):.3f})",
            f"{median(lambda r: r['durations']['firstToken']):.3f}", f"{median(lambda r: r['durations']['load']):.3f}",
            f"{median(lambda r: r['peakMemory']) / 1e6:.0f}")


main()
