#!/usr/bin/env python3
"""Several sequences that generate together: tokens a second of all of them, over those of one; swiftlet beside llama.cpp.

usage: sequences.py [--threads 2] [--sequences 8] [--depth 256] [--generation 32] [--rounds 5] MODEL.gguf...

Swiftlet's figures are `swiftlet bench`'s (-np), llama.cpp's one llama_decode a step for all sequences; round by round in turns.
Needs what engine.py needs.
"""
import argparse
import pathlib

from common import HERE, Table, Turns, add_write, bench, peer_python, ratio, summary


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sequences", type=int, default=8)
    parser.add_argument("--depth", type=int, default=256)
    parser.add_argument("--generation", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=5)
    add_write(parser)
    options = parser.parse_args()
    several = options.sequences
    table = Table(
        options.write, "model", "engine", "1 sequence tok/s (min-max)", f"{several} sequences tok/s (min-max)", "gain",
        "ratio to llama.cpp")
    for model in options.models:
        counts = (1, several)
        peers = [
            Turns([peer_python(), HERE / "peer.py", model, options.threads, 1, options.generation, options.rounds + 1,
                   options.depth, "f16", count]) for count in counts]
        for peer in peers:
            peer.turn()
        ours, theirs = {count: [] for count in counts}, {count: [] for count in counts}
        for _ in range(options.rounds):
            results = bench(
                "-m", model, "-t", options.threads, "-p", 0, "-n", options.generation, "-d", options.depth, "-r", 1,
                "-np", f"1,{several}", "--no-roofline")
            for result in results:
                ours[result["n_parallel"]].append(result["avg_ts"])
            for count, peer in zip(counts, peers):
                theirs[count].append(peer.turn()["generation"])
        for peer in peers:
            peer.end()
        for name, speeds in (("swiftlet", ours), ("llama.cpp", theirs)):
            beside = f"{ratio(ours[several], theirs[several]):.2f}" if speeds is ours else ""
            table.add(
                pathlib.Path(model).name, name, summary(speeds[1]), summary(speeds[several]),
                f"{ratio(speeds[several], speeds[1]):.2f}", beside)


main()
