#!/usr/bin/env python3
"""What integer activations cost, and what they bring: mean KL divergence from exact arithmetic on the same weights, beside speed.

usage: quality.py --text TEXT [--tokens 512] [--chunk 256] [--threads 2] [--prompt 256] [--rounds 3] MODEL.gguf...

Both engines are compared with swiftlet's exact arithmetic (weights decoded to F32, F32 cache) token by token, so the divergence
is that of their kernels alone; speed is engine.py's prompt and generation. Needs what engine.py needs, and room for
tokens x vocabulary floats.
"""
import argparse
import pathlib
import re
import subprocess
import tempfile

from common import HERE, Table, Turns, add_write, build, peer_python, ratio


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--text", required=True)
    parser.add_argument("--tokens", type=int, default=512)
    parser.add_argument("--chunk", type=int, default=256)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--prompt", type=int, default=256)
    parser.add_argument("--generation", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    add_write(parser)
    options = parser.parse_args()
    peer, programs = peer_python(), build("divergence", "engine-benchmark")
    table = Table(
        options.write, "model", "KL swiftlet", "KL llama.cpp", "ratio", "worst token swiftlet", "worst token llama.cpp",
        "prompt ratio", "generation ratio")
    for model in options.models:
        ours = divergence(programs, model, options)
        with tempfile.NamedTemporaryFile() as file:
            command = [peer, HERE / "peer.py", "--logits", model, options.threads, options.text, options.tokens, options.chunk]
            subprocess.run([*map(str, command), file.name], check=True, stdout=subprocess.DEVNULL)
            theirs = divergence(programs, model, options, file.name)
        prompt, generation = speeds(programs, peer, model, options)
        table.add(
            pathlib.Path(model).name, f"{ours[0]:.6f}", f"{theirs[0]:.6f}", f"{ours[0] / theirs[0]:.2f}", f"{ours[1]:.4f}",
            f"{theirs[1]:.4f}", f"{prompt:.2f}", f"{generation:.2f}")


def divergence(programs, model, options, *logits):
    """Mean and largest KL divergence in nats."""
    command = [programs / "divergence", model, options.text, options.tokens, options.chunk, *logits]
    text = subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, text=True).stdout
    mean, worst = re.search(r"mean (\S+), worst:\n.*: (\S+)", text).groups()
    return float(mean), float(worst)


def speeds(programs, peer, model, options):
    numbers = [options.threads, options.prompt, options.generation, options.rounds + 1]
    ours, theirs = Turns([programs / "engine-benchmark", model, *numbers]), Turns([peer, HERE / "peer.py", model, *numbers])
    results = [(ours.turn(), theirs.turn()) for _ in range(options.rounds + 1)][1:]
    ours.end()
    theirs.end()
    return [ratio(*([result[i][phase] for result in results] for i in (0, 1))) for phase in ("prompt", "generation")]


main()
