"""`get_ipython()` of a notebook that was saved as a script: its lines with ``%`` and ``!``."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

# What sets up a notebook's page, and means nothing to a script.
_NEEDLESS = frozenset(
    {"matplotlib", "pylab", "config", "load_ext", "reload_ext", "autoreload", "tensorflow_version"}
)
_RUN_AS_THEY_ARE = frozenset({"time", "timeit", "prun", "capture"})


class ExportedShell:
    """What nbconvert writes in place of a notebook's lines asks of IPython.

    Shell lines run, a cell below ``%%time`` and its like runs, ``%cd`` changes the folder. What
    sets up the notebook's page is left out, and so, with a line on stderr, is everything else.

    Parameters
    ----------
    namespace : dict
        The program's globals, in which cells run.
    """

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.user_ns = namespace

    def magic(self, arg_s: str) -> Any:
        """Run ``%arg_s``, as notebooks before 2018 were saved."""
        name, _, line = arg_s.partition(" ")
        return self.run_line_magic(name.lstrip("%"), line)

    def run_line_magic(self, magic_name: str, line: str = "", _stack_depth: int = 1) -> Any:
        """Run ``%magic_name line``."""
        if magic_name in _RUN_AS_THEY_ARE:
            exec(compile(line, "<a line of the notebook>", "exec"), self.user_ns)
        elif magic_name == "cd":
            os.chdir(os.path.expanduser(line.strip() or "~"))  # noqa: PTH111
        elif magic_name in ("sx", "system"):
            return self.getoutput(line)
        elif magic_name not in _NEEDLESS:
            sys.stderr.write(f"graphmode: a line of a notebook is left out: %{magic_name} {line}\n")
        return None

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> Any:
        """Run the text of a cell that began with ``%%magic_name line``."""
        if magic_name in _RUN_AS_THEY_ARE:
            exec(compile(cell, "<a cell of the notebook>", "exec"), self.user_ns)
        elif magic_name in ("bash", "sh"):
            self.system(cell)
        elif magic_name == "writefile":
            with open(line.split()[-1], "w", encoding="utf-8") as file:  # noqa: PTH123
                file.write(cell)
        else:
            sys.stderr.write(
                f"graphmode: a cell of a notebook is left out: %%{magic_name} {line}\n"
            )

    def system(self, cmd: str) -> None:
        """Run ``!cmd``."""
        sys.stdout.flush()
        subprocess.call(cmd, shell=True)

    def getoutput(self, cmd: str) -> list[str]:
        """The lines that ``!cmd`` prints."""
        done = subprocess.run(cmd, shell=True, stdout=subprocess.PIPE, text=True, check=False)
        return done.stdout.splitlines()


def display(*objs: Any, **options: Any) -> None:
    """Print what a notebook shows: a table as its rows and columns, a figure by its name."""
    for value in objs:
        sys.stdout.write(f"{value!r}\n")
