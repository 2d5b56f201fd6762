"""Programs as their readers have them, by several ranks and by one process: are they the same?

    python -m benchmarks.as_one [PROGRAM ...] [--ranks 2 4] [--steps 30]

Each program runs unchanged, on real data, under ``graphmode run`` and under ``graphmode launch -n N
--mesh all``. What is compared is every number that a run with a feed gave, and all variables after
so many of these runs. Where rounding grows with each step, as a learning rate of 1 makes it, more
rows say so: one process with a mesh of one device, which adds up in another order, and the ranks
when each of their runs begins with the variables of the one process.
"""

from __future__ import annotations

import argparse
import runpy
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = Path(__file__).parents[1] / "examples"
PROGRAMS = {
    "softmax": "mnist_softmax.py",
    "cnn": "labs/lab_2_2b_mnist_convolution.py",
    "ptb": "labs/lab_3_3_word_model.py",
}

LIMIT = 1e-5
"""Differences below it are taken for equal."""


class Enough(Exception):
    """The program has made as many steps as are compared."""


def recorded(
    program: Path, n_steps: int, states: Path | None = None, way: str = ""
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Run a program up to a number of runs that are fed something.

    Parameters
    ----------
    program : Path
    n_steps : int
    states : Path, optional
        A folder for the variables before each of these runs.
    way : {"keep", "begin"}, optional
        "keep" them there, or "begin" each run with those that are kept.

    Returns
    -------
    numbers : ndarray [n]
        Every float scalar that these runs fetched.
    variables : dict
        The trainable variables of the last session, by name.
    """
    import tensorflow as tf

    numbers: list[float] = []
    n_done = 0
    variables: dict[str, np.ndarray] = {}
    run = tf.Session.run

    def assign(session: Any, values: dict[str, np.ndarray]) -> None:
        for variable in session.graph.get_collection("variables"):
            if variable.name in values:
                feed = {variable.initializer.inputs[1]: values[variable.name]}
                run(session, variable.initializer, feed)

    def current(session: Any, kind: str = "variables") -> dict[str, np.ndarray]:
        wanted = session.graph.get_collection(kind)
        return dict(zip((v.name for v in wanted), run(session, wanted), strict=True))

    def watched(self: Any, fetches: Any, feed_dict: Any = None, *rest: Any, **more: Any) -> Any:
        nonlocal n_done
        if feed_dict and states is not None:
            at = states / f"{n_done}.npz"
            if way == "keep":
                np.savez(at, **current(self))
            elif way == "begin":
                with np.load(at) as kept:
                    assign(self, {name: kept[name] for name in kept.files})
        fetched = run(self, fetches, feed_dict, *rest, **more)
        if not feed_dict:
            return fetched
        for value in fetched if isinstance(fetched, list | tuple) else [fetched]:
            if isinstance(value, np.floating):
                numbers.append(float(value))
        n_done += 1
        if n_done == n_steps:
            variables.update(current(self, "trainable_variables"))
            raise Enough
        return fetched

    tf.Session.run, before = watched, sys.argv
    sys.argv = [str(program)]
    try:
        with tf.Graph().as_default():
            runpy.run_path(str(program), run_name="__main__")
    except Enough:
        pass
    finally:
        tf.Session.run, sys.argv = run, before
    return np.array(numbers), variables


def difference(
    one: tuple[np.ndarray, dict[str, np.ndarray]], other: tuple[np.ndarray, dict[str, np.ndarray]]
) -> tuple[float, float]:
    """The largest difference of the numbers, relative, and of the variables, absolute."""
    numbers = np.abs(one[0] - other[0]) / np.maximum(np.abs(one[0]), 1)
    apart = [np.abs(one[1][name] - other[1][name]).max() for name in one[1]]
    return float(numbers.max(initial=0)), float(max(apart))


def _in_processes(
    name: str, n_ranks: int, n_steps: int, folder: Path, way: str = ""
) -> tuple[Any, float]:
    """What rank 0 has recorded, and how long it took."""
    command = [sys.executable, "-m", "graphmode"]
    command += ["launch", "-n", str(n_ranks), "--mesh", "all"] if n_ranks else ["run"]
    command += ["--mesh", "1"] if way == "mesh" else []
    to = folder / "found.npz"
    command += [__file__, "--record", str(EXAMPLES / PROGRAMS[name]), str(n_steps), str(to), way]
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    with np.load(to) as found:
        values = {key: found[key] for key in found.files if key != "numbers"}
        return (found["numbers"], values), time.perf_counter() - started


def compared(
    name: str, ranks: list[int], n_steps: int
) -> Iterator[tuple[str, float, float, float]]:
    """Who has run a program, how far from one process numbers and variables are, and seconds."""
    with tempfile.TemporaryDirectory() as path:
        folder = Path(path)
        one, took = _in_processes(name, 0, n_steps, folder, "keep")
        yield "one process", 0.0, 0.0, took
        far: list[int] = []
        for n in ranks:
            found, took = _in_processes(name, n, n_steps, folder)
            apart = difference(one, found)
            yield f"{n} ranks", *apart, took
            far += [n] if max(apart) > LIMIT else []
        if far:
            found, took = _in_processes(name, 0, n_steps, folder, "mesh")
            yield "one process, sums in another order", *difference(one, found), took
        for n in far:
            found, took = _in_processes(name, n, n_steps, folder, "begin")
            yield f"{n} ranks, each run from the same", *difference(one, found), took


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.as_one")
    parser.add_argument("programs", nargs="*", help=", ".join(PROGRAMS))
    parser.add_argument("--ranks", type=int, nargs="+", default=[2, 4])
    parser.add_argument("--steps", type=int, default=30, help="runs that are fed something")
    parser.add_argument("--record", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.record:
        program, n_steps, to, way = given.record
        numbers, variables = recorded(Path(program), int(n_steps), Path(to).parent, way)
        if _is_first():
            np.savez(to, numbers=numbers, **variables)
        return
    print("| program | by | runs | numbers | variables | seconds |\n|---|---|---|---|---|---|")
    for name in given.programs or PROGRAMS:
        for who, numbers, variables, took in compared(name, given.ranks, given.steps):
            apart = "| " if who == "one process" else f"{numbers:.1e} | {variables:.1e}"
            print(f"| {name} | {who} | {given.steps} | {apart} | {took:.0f} |", flush=True)


def _is_first() -> bool:
    from graphmode.launch import ranks

    return ranks.current().is_chief


if __name__ == "__main__":
    main()
