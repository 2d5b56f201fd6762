"""Programs run as a user's: in a process of their own, through `period.install()`."""

import functools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

RUNNER = """
import contextlib, io, json, os, sys, traceback, warnings
warnings.simplefilter("ignore")
from graphmode.compat import alias
from graphmode import period
alias.install()
period.install()
from graphmode.period import programs as programs_of_period
programs = json.load(sys.stdin)
said = {}
for name, text in programs.items():
    out, err = io.StringIO(), io.StringIO()
    programs_of_period._Period.python_2 = False
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            exec(period.compile_source(text, name), {"__name__": "__main__", "__file__": name})
        except BaseException as error:
            print(type(error).__name__ + ": " + str(error).partition(chr(10))[0])
            if not isinstance(error, SyntaxError):
                traceback.print_exc()
    said[name] = (out.getvalue(), err.getvalue())
print("=====")
print(json.dumps(said))
"""


def run(programs, cwd):
    """Name -> (stdout, stderr) of programs, all in one new process."""
    environment = {**os.environ, "MPLBACKEND": "Agg", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", RUNNER],
        input=json.dumps(programs),
        capture_output=True,
        text=True,
        timeout=120,
        cwd=cwd,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.rpartition("=====\n")[2])


@functools.cache
def said(group):
    """What the programs of a file say, all run in one process: name -> (stdout, stderr)."""
    programs = {name: text for name, (text, _) in read(group).items()}
    with tempfile.TemporaryDirectory() as folder:
        return run(programs, folder)


def programs_of(text):
    """``# name`` begins a program, ``#>line`` is what it prints; all share ``# beginning``."""
    found = {}
    for part in text.split("\n# ")[1:]:
        name, _, body = part.partition("\n")
        lines = body.rstrip("\n").split("\n")
        expected = [line[2:] for line in lines if line.startswith("#>")]
        code = [line for line in lines if not line.startswith("#>")]
        found[name] = ("\n".join(code).rstrip("\n") + "\n", expected)
    beginning, _ = found.pop("beginning", ("", []))
    return {name: (beginning + code, lines) for name, (code, lines) in found.items()}


def read(group):
    """The programs of one file of this folder: name -> (text, lines that it prints)."""
    return programs_of((Path(__file__).parent / "programs" / f"{group}.txt").read_text())
