"""Run the cases, each framework in a process of its own, in turns; print tables of medians."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks import file_cases, pipeline_cases, sequence_cases
from benchmarks.measure import STEPS, TIMES, is_written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Found = dict[str, dict[str, float]]
    """What each framework says of a case."""

ROUNDS = 3
_TENSORFLOW = (
    "import os; os.environ['TF_USE_LEGACY_KERAS'] = '1'; "
    "os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'; os.environ['CUDA_VISIBLE_DEVICES'] = ''; "
    "import tensorflow.compat.v1 as tf; tf.disable_v2_behavior()"
)
_XLA = "import os; os.environ['TF_XLA_FLAGS'] = '--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit'; "
_TENSORFLOW_1 = (
    "import os; os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'; import warnings; "
    "warnings.simplefilter('ignore'); import tensorflow as tf; "
    "tf.logging.set_verbosity('ERROR')"
)


class Framework(NamedTuple):
    """How a framework is brought into a process."""

    role: str
    """The name of the module."""
    imports: str
    """The statements that import it."""
    python: str = sys.executable


FRAMEWORKS = {
    "graphmode": Framework("tf", "import graphmode as tf"),
    "TensorFlow": Framework("tf", _TENSORFLOW),
    "TF + XLA": Framework("tf", _XLA + _TENSORFLOW),
    "PyTorch": Framework("torch", "import torch"),
    "JAX": Framework("jax", "import jax"),
}
ONLY = {
    "TF + XLA": sequence_cases.CASES,
    "TF 1.15": {**pipeline_cases.CASES, **pipeline_cases.RATIOS},
}
"""Frameworks that are measured in some cases only."""

HELLO = "; print(tf.Session().run(tf.constant(2) + tf.constant(3)))"
WHOLE_PROCESSES = {"import": "", "hello world, whole process": HELLO}

BESIDE = ("before", "TensorFlow", "TF 1.15", "PyTorch")
"""Frameworks that graphmode's times are divided by."""


def against(checkout: str) -> dict[str, Framework]:
    """This checkout beside another one of graphmode, in place of the other frameworks."""
    source = str((Path(checkout) / "src").resolve())
    other = f"import sys; sys.path.insert(0, {source!r}); import graphmode as tf"
    return {"graphmode": FRAMEWORKS["graphmode"], "before": Framework("tf", other)}


def process_seconds(code: str) -> float:
    """How long a Python process takes to run `code`."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    return time.perf_counter() - start


def measure(framework: str, case: str) -> dict[str, float]:
    """What one process says of `case`; nothing where the case fails or is not written."""
    role, imports, python = FRAMEWORKS[framework]
    if framework in ONLY and case not in ONLY[framework]:
        return {}
    if case in WHOLE_PROCESSES:
        if role != "tf":
            return {}
        seconds = process_seconds(imports + WHOLE_PROCESSES[case])
        return {"seconds": seconds - (process_seconds("pass") if case == "import" else 0)}
    if not is_written(case, role):
        return {}
    code = f"{imports}; from benchmarks.measure import report; report({case!r}, {role!r}, {role})"
    child = subprocess.run([python, "-c", code], capture_output=True, text=True)
    if child.returncode:
        print(f"{framework} fails: {child.stderr.splitlines()[-1]}", file=sys.stderr)
        return {}
    return json.loads(child.stdout.splitlines()[-1])


def medians(samples: list[dict[str, float]]) -> dict[str, float]:
    return {key: statistics.median(sample[key] for sample in samples) for key in samples[0]}


def measured(cases: list[str], rounds: int) -> Iterator[tuple[str, Found]]:
    """Each case, and what each framework says of it, the median of `rounds` processes."""
    for case in cases:
        samples = {framework: [] for framework in FRAMEWORKS}
        for _ in range(rounds):
            for framework in FRAMEWORKS:
                samples[framework].append(measure(framework, case))
        yield case, {framework: medians(samples[framework]) for framework in FRAMEWORKS}


def shown(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 1e-3:
        return f"{seconds * 1e6:.0f} us"
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.2f} s"


def row(name: str, cells: list[str]) -> str:
    return f"| {name:28} | " + " | ".join(f"{cell:>10}" for cell in cells) + " |"


def ratio(found: Found, framework: str, of: str = "seconds") -> str:
    """How many times as long as `framework` graphmode takes."""
    if not found["graphmode"] or not found.get(framework):
        return ""
    return f"{found['graphmode'][of] / found[framework][of]:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("cases", nargs="*", help="words in the names of the cases; all if none")
    parser.add_argument(
        "--against", metavar="CHECKOUT", help="another checkout of graphmode, in place of the peers"
    )
    parser.add_argument(
        "--tf1-python",
        metavar="PYTHON",
        default=os.environ.get("GRAPHMODE_TF1_PYTHON"),
        help="an interpreter with TensorFlow 1.15, a peer of the pipelines",
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="processes of each a case")
    arguments = parser.parse_args()

    def is_wanted(case: str) -> bool:
        return not arguments.cases or any(word in case for word in arguments.cases)

    if arguments.against is not None:
        frameworks = against(arguments.against)
        FRAMEWORKS.clear()
        FRAMEWORKS.update(frameworks)
    elif arguments.tf1_python:
        FRAMEWORKS["TF 1.15"] = Framework("tf", _TENSORFLOW_1, arguments.tf1_python)
    elif any(map(is_wanted, ONLY["TF 1.15"])):
        print("TF 1.15 is left out: neither --tf1-python nor GRAPHMODE_TF1_PYTHON is given\n")
    beside = [name for name in BESIDE if name in FRAMEWORKS]
    names = [name for name in (*WHOLE_PROCESSES, *TIMES, *STEPS) if is_wanted(name)]
    print(row("case", [*FRAMEWORKS, *(f"/ {name}" for name in beside)]))
    print("|---" * (len(FRAMEWORKS) + len(beside) + 1) + "|")
    steps, files, pipelines = {}, {}, {}
    for case, found in measured(names, arguments.rounds):
        seconds = [shown(found[framework].get("seconds")) for framework in FRAMEWORKS]
        print(row(case, [*seconds, *(ratio(found, name) for name in beside)]), flush=True)
        if case in STEPS:
            steps[case] = found
        if case in file_cases.CASES:
            files[case] = found
        if case in pipeline_cases.CASES:
            pipelines[case] = found
    if steps:
        print_first_steps(steps)
    if files:
        print_memory(files)
    if pipelines:
        print_processor(pipelines, beside)
    ratios = [name for name in pipeline_cases.RATIOS if is_wanted(name)]
    if ratios:
        print_ratios(measured(ratios, arguments.rounds))
    if "softmax step" in names and arguments.against is None:
        import graphmode
        from benchmarks.engine_cases import softmax_over_bare_jax

        times = softmax_over_bare_jax(graphmode)
        print(
            f"\nsoftmax step, in turns with hand-written JAX in one process: {times:.2f} times it"
        )


def print_first_steps(steps: dict[str, Found]) -> None:
    print("\nThe slowest of the first steps, which compiles; the most memory the process held:\n")
    print(row("case", list(FRAMEWORKS)))
    print("|---" * (len(FRAMEWORKS) + 1) + "|")
    for case, found in steps.items():
        cells = [
            f"{shown(values['slowest'])}, {values['megabytes']:.0f} MB" if values else ""
            for values in found.values()
        ]
        print(row(case, cells), flush=True)


def print_memory(files: dict[str, Found]) -> None:
    print(f"\nThe most memory beyond what was held before, of {file_cases.MEGABYTES} MB:\n")
    print(row("case", list(FRAMEWORKS)))
    print("|---" * (len(FRAMEWORKS) + 1) + "|")
    for case, found in files.items():
        cells = [f"{values['megabytes']:.0f} MB" if values else "" for values in found.values()]
        print(row(case, cells), flush=True)


def print_processor(pipelines: dict[str, Found], beside: list[str]) -> None:
    print("\nThe processor's time, of all threads:\n")
    print(row("case", [*FRAMEWORKS, *(f"/ {name}" for name in beside)]))
    print("|---" * (len(FRAMEWORKS) + len(beside) + 1) + "|")
    for case, found in pipelines.items():
        seconds = [shown(found[framework].get("processor")) for framework in FRAMEWORKS]
        ratios = (ratio(found, name, of="processor") for name in beside)
        print(row(case, [*seconds, *ratios]), flush=True)


def print_ratios(cases: Iterable[tuple[str, Found]]) -> None:
    print("\nHow many times as long it takes as the same without it, in turns in one process:\n")
    print(row("case", list(FRAMEWORKS)))
    print("|---" * (len(FRAMEWORKS) + 1) + "|")
    for case, found in cases:
        cells = [f"{values['ratio']:.3f}" if values else "" for values in found.values()]
        print(row(case, cells), flush=True)


if __name__ == "__main__":
    main()
