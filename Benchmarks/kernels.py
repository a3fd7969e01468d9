#!/usr/bin/env python3
"""Speed of each weight type's kernels alone, one thread: a table, or a check against the floors that the repository keeps.

usage: kernels.py [--memory 200]        a Markdown table of all types and instruction sets of this machine
       kernels.py --check               exit status 1 if a kernel has become slow or an instruction set was lost
       kernels.py --record              keep this machine's shares as the floors of --check

A share is a kernel's rate over what the same thread can do at best in the same moment (byte dot products, multiply-adds of
floats or of pairs of BF16, from registers), by the thread's CPU time, turn about, the best of 9 turns of each. So it depends on
the kernel's instructions, not on the machine's load. --check fails for a share below 0.8 of the recorded one
(kernels/floors.json, by processor model): a kernel that takes 1.25 times its time or more. Rows from memory are held against a
plain sum of as much memory, and fail below 0.6 of the record: that finds lost prefetching (a third of the speed). Where the
other half of the core has work of another (virtual) machine, single rows lose up to half while the peaks, which want one unit,
lose nothing; a plain loop takes turns with them, and what it lacks of its record is allowed them too. What is slow is measured
again, up to six times with pauses: a kernel that has become slow is slow each time. On a processor without floors it checks only that the instruction sets of
the system's list of features are found, and that each is faster than plain C. Some 40 seconds.
"""
import argparse
import collections
import itertools
import json
import pathlib
import platform
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent
FLOORS = HERE / "kernels/floors.json"
# Of the recorded shares: one row and 256 rows from cache, one row from memory, which others' reading disturbs.
TOLERANCES = {"one": 0.8, "many": 0.8, "memory": 0.6}
ROWS = {"one": "1 row", "many": "256 rows", "memory": "1 row from memory"}
# Three times the largest cache of the machines in use, so that it comes from memory.
CHECKED_MEMORY = 96
# Seconds before each further measurement of what is slow.
PAUSES = (0, 2, 5, 15, 30)


def built(folder):
    """The measuring program, with the package's own object files if there are any, else compiled with its flags."""
    objects = list((ROOT / ".build/release/CSwiftletKernels.build").rglob("*.o"))
    kernels = ROOT / "Sources/CSwiftletKernels"
    # Objects of another state of the sources would measure that.
    newest = max(path.stat().st_mtime for path in kernels.rglob("*.[ch]"))
    if not objects or min(path.stat().st_mtime for path in objects) < newest:
        objects = []
        for source in [kernels / "swl.c", *kernels.glob("variants/*.c")]:
            target = folder / f"{source.stem}.o"
            subprocess.run(["clang", "-O2", "-std=c17", "-c", source, "-o", target], check=True)
            objects.append(target)
    program = folder / "kernels"
    command = ["clang", "-O2", "-std=gnu17", f"-I{kernels / 'include'}", HERE / "kernels/kernels.c", *objects, "-lm", "-o", program]
    subprocess.run(command, check=True)
    return program


def measured(program, *arguments):
    lines = subprocess.run([program, *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    results = [json.loads(line) for line in lines]
    peaks = {result["set"]: result for result in results if "type" not in result}
    return peaks, [result for result in results if "type" in result]


def processor():
    """The model's numbers, its name, and the features that the system lists."""
    facts = {}
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            name, _, value = line.partition(":")
            facts.setdefault(name.strip(), value.strip())
    except OSError:
        pass
    numbers = [facts.get(name) for name in ("vendor_id", "cpu family", "model")]
    if None in numbers:
        numbers = [facts.get(name, platform.machine()) for name in ("CPU implementer", "CPU part")]
    return " ".join(numbers), facts.get("model name", platform.machine()), set(facts.get("flags", facts.get("Features", "")).split())


def expected_sets(features):
    sets = {"scalar"}
    if {"avx2", "fma", "f16c", "bmi1", "bmi2"} <= features:
        sets.add("avx2")
        if {"avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_vnni"} <= features:
            sets.add("avx512VNNI")
            if "avx512_bf16" in features:
                sets.add("avx512BF16")
    if "asimddp" in features:
        sets.add("neon")
    return sets


def measured_for_check(program, *only):
    """All sets from cache, and the best one from memory; or only of a type."""
    peaks, results = measured(program, *only)
    best = results[-1]["set"]
    memory = {r["type"]: r for r in measured(program, "--set", best, "--memory", str(CHECKED_MEMORY), "--turns", "3", *only)[1]}
    for r in results:
        if r["set"] == best:
            r.update(memory=memory[r["type"]]["memory"], memory_share=memory[r["type"]]["memory_share"])
    return peaks, results


def undisturbed(result, floor, kind):
    """How much of a core a measurement had, at most 1: the plain loop that took turns with it, beside its record."""
    return min(1, result[f"{kind}_plain"] / floor["plain"]) if "plain" in floor and kind != "memory" else 1


def problems(results, floors):
    """What is slow: type and name, and what was found."""
    found = {}
    plain = {r["type"]: r for r in results if r["set"] == "scalar"}
    for r in results:
        floor = floors.get(f"{r['set']} {r['type']}", {})
        for kind, rows in ROWS.items():
            key = r["type"], f"{r['set']} {r['type']}, {rows}"
            if r["set"] != "scalar" and kind != "memory" and r[kind] < 1.5 * plain[r["type"]][kind]:
                found[key] = f"{r[kind]} G multiply-adds/s, plain C has {plain[r['type']][kind]}"
            if kind in floor and r[f"{kind}_share"] < TOLERANCES[kind] * floor[kind] * undisturbed(r, floor, kind):
                found[key] = (
                    f"{r[f'{kind}_share']:.3f} of the limit, recorded were {floor[kind]:.3f}, "
                    f"with {undisturbed(r, floor, kind):.0%} of a core")
    return found


def check(program, floors, features, name):
    peaks, results = measured_for_check(program)
    lost = expected_sets(features) - set(peaks)
    slow = problems(results, floors)
    for pause in PAUSES:
        if not slow:
            break
        time.sleep(pause)
        again = {}
        for kind in sorted({kind for kind, _ in slow}):
            again |= problems(measured_for_check(program, "--type", kind)[1], floors)
        slow = {key: again[key] for key in slow if key in again}
    if not slow and not lost:
        print(f"kernels: {len(results)} on {name}, none slow" + ("" if floors else "; no floors are recorded for it"))
        return 0
    if slow:
        print("kernels: slow (if that is meant, Benchmarks/kernels.py --record keeps new floors)", file=sys.stderr)
    for (_, key), text in slow.items():
        print(f"  {key}: {text}", file=sys.stderr)
    for name in sorted(lost):
        print(f"  {name}: this machine has it, but there are no kernels of it", file=sys.stderr)
    return 1


def record(program, model, known):
    runs = [measured_for_check(program)[1] for _ in range(6)]
    floors = {}
    # Others' work takes from a share and adds nothing: the second best. The plain loop is the same for all of a peak's types.
    second = lambda values: round(sorted(values)[-2], 3)
    plain = collections.defaultdict(list)
    for r in itertools.chain(*runs):
        plain[r["set"], r["peak"]] += r["one_plain"], r["many_plain"]
    for results in zip(*runs):
        first = results[0]
        best = {kind: second(r[f"{kind}_share"] for r in results) for kind in ROWS if f"{kind}_share" in first}
        floors[f"{first['set']} {first['type']}"] = best | {"plain": second(plain[first["set"], first["peak"]])}
    known[model] = floors
    FLOORS.write_text(
        "{\n" + ",\n".join(
            f'"{name}": {{\n' + ",\n".join(f'  "{key}": {json.dumps(value)}' for key, value in floors.items()) + "\n}"
            for name, floors in sorted(known.items())) + "\n}\n")
    print(f"kernels: {len(floors)} floors for {model} in {FLOORS}")


def table(peaks, results, name):
    print(f"{name}, one thread; G multiply-adds/s and share of the peak, GB/s of weights and share of a plain sum\n")
    for kernels in peaks.values():
        print(
            f"{kernels['set']}: peaks of {kernels['peak_int8']:.0f} G int8, {kernels['peak_float']:.1f} G float and "
            f"{kernels['peak_bf16']:.1f} G BF16 multiply-adds/s\n")
        print("| type | 1 row, cache | 256 rows | 1 row, memory |\n|---|---|---|---|")
        for r in results:
            if r["set"] != kernels["set"]:
                continue
            memory = f"{r['memory']:.1f} GB/s ({r['memory_share']:.0%})" if "memory" in r else ""
            print(
                f"| {r['type']} | {r['one'] * r['bytes']:.1f} GB/s, {r['one']:.1f} G/s ({r['one_share']:.0%}) "
                f"| {r['many']:.1f} G/s ({r['many_share']:.0%}) | {memory} |")
        print()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--memory", type=int, default=200, help="MB of weights for rows from memory")
    options = parser.parse_args()
    model, name, features = processor()
    known = json.loads(FLOORS.read_text()) if FLOORS.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        program = built(pathlib.Path(folder))
        if options.check:
            return check(program, known.get(model, {}), features, name)
        if options.record:
            return record(program, model, known)
        table(*measured(program, "--memory", str(options.memory)), name)


sys.exit(main())
