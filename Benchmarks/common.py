"""What the drivers share: the peer's Python, turns of two programs, medians, and tables that name machine, date and command."""
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent


def peer_python():
    """A Python that has llama-cpp-python; ends the program if there is none."""
    path = os.environ.get("PEER_PYTHON", str(HERE / ".peer/bin/python"))
    if not os.path.exists(path):
        sys.exit(f"{pathlib.Path(sys.argv[0]).name}: no peer at {path}; see engine.py --help")
    return path


def build(*products):
    """Builds programs of this package and returns where they are."""
    folder = os.environ.get("SWIFTLET_BENCHMARKS")
    if folder:  # built already, elsewhere
        return pathlib.Path(folder)
    for product in products:
        command = ["swift", "build", "-c", "release", "--package-path", HERE, "--product", product]
        subprocess.run(command, check=True, stdout=sys.stderr)
    return HERE / ".build/release"


def swiftlet():
    """The command itself: $SWIFTLET, or what `make build` leaves."""
    path = pathlib.Path(os.environ.get("SWIFTLET", ROOT / ".build/release/swiftlet"))
    if not path.exists():
        sys.exit(f"{pathlib.Path(sys.argv[0]).name}: no {path}; run `make build`, or name one by SWIFTLET")
    return path


def bench(*arguments):
    """`swiftlet bench` as a list of results."""
    output = subprocess.run([swiftlet(), "bench", "-o", "json", *map(str, arguments)], check=True, stdout=subprocess.PIPE).stdout
    return json.loads(output)


class Turns:
    """A program that works whenever it gets a line, and answers with a line of JSON."""

    def __init__(self, command):
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def turn(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.process.args[0]} ended with status {self.process.wait()}")
        return json.loads(line)

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def summary(values, digits=1):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def ratio(ours, theirs):
    """The median of ratios of the same turn."""
    return statistics.median(a / b for a, b in zip(ours, theirs))


def machine():
    name = platform.machine()
    try:
        for line in open("/proc/cpuinfo"):
            if line.startswith("model name"):
                name = line.partition(":")[2].strip()
                break
    except OSError:
        pass
    return f"{name}, {len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()} cores"


class Table:
    """A Markdown table, printed row by row; with a path it is kept there too, under machine, date and command."""

    def __init__(self, path, *columns):
        self.path, self.lines = path, []
        self.add(*columns)
        self.print("|" + "---|" * len(columns))

    def add(self, *cells):
        self.print("| " + " | ".join(str(cell) for cell in cells) + " |")

    def print(self, line):
        print(line, flush=True)
        self.lines.append(line)
        if self.path:  # after each row: a long run that is broken off leaves what it has
            arguments = [pathlib.Path(sys.argv[0]).name, *sys.argv[1:]]
            load = os.getloadavg()[0]
            head = f"{machine()}; {datetime.date.today()}; load {load:.1f} at the last row\n\n    Benchmarks/{' '.join(arguments)}\n\n"
            pathlib.Path(self.path).write_text(head + "\n".join(self.lines) + "\n")


def add_write(parser):
    parser.add_argument("--write", metavar="FILE", help="keep the table in a file too, as Benchmarks/results/NAME.md")
