"""The programs of this folder, what each has to print, and how its lines are compared."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
GOLDENS = HERE / "goldens"
WRONG = "wrong"
"""The folder of the programs that are mistakes: they end with an error."""

_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|nan|inf)(?![\w.]*\w)")
_TOLERANCE = re.compile(r"^# tolerance: (\S+)", re.MULTILINE)
_INTERPRETED = "\n# interpreted only"
_PRINTS = re.compile(r"^# prints: ?(.*)$", re.MULTILINE)


def programs():
    """``folder/name`` of each program that is right, sorted."""
    found = [path for path in HERE.glob("*/*.py") if path.parent.name != WRONG]
    return sorted(f"{path.parent.name}/{path.stem}" for path in found)


def path_of(program):
    return HERE / f"{program}.py"


def expected(program):
    """The lines that a program has to print: its own ``# prints:``, or TensorFlow 1.15.5's."""
    own = _PRINTS.findall(path_of(program).read_text())
    if own:
        return own
    folder, name = program.split("/")
    return json.loads((GOLDENS / f"{folder}.json").read_text())[name]


def tolerance(program):
    """How far a number with a fraction may be off, relative to 1 or to itself."""
    own = _TOLERANCE.search(path_of(program).read_text())
    return float(own[1]) if own else 2e-4


def modes(program):
    """The modes in which a program is run: XLA takes seconds for some."""
    alone = _INTERPRETED in path_of(program).read_text()
    return ("interpreted",) if alone else ("interpreted", "compiled")


def difference(found, wanted, allowed):
    """How the lines `found` differ from those `wanted`, or None.

    Texts and whole numbers are equal; numbers with a fraction within `allowed`.
    """
    if len(found) != len(wanted):
        return f"{len(found)} lines in place of {len(wanted)}: {found}"
    for line, want in zip(found, wanted, strict=True):
        if _NUMBER.sub("#", line) != _NUMBER.sub("#", want):
            return f"{line!r} in place of {want!r}"
        for number, value in zip(_NUMBER.findall(line), _NUMBER.findall(want), strict=True):
            whole = number.lstrip("+-").isdigit() and value.lstrip("+-").isdigit()
            one, other = float(number), float(value)
            near = abs(one - other) <= allowed * max(1.0, abs(other)) and not whole
            if str(one) != str(other) and not near:
                return f"{number} in place of {value} in {want!r}"
    return None


class Worker:
    """`worker.py` at work."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", str(HERE / "worker.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "MPLBACKEND": "Agg"},
        )

    def run(self, program, mode):
        """The exit status, stdout and stderr of a program run in `mode`."""
        self.process.stdin.write(json.dumps([str(path_of(program)), mode]) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(60)
        finally:
            self.process.kill()  # after a Ctrl-C, too, nothing is waited for that hangs
