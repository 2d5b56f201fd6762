"""Run the cases, each framework in a process of its own, in turns; print tables of medians."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import file_cases, sequence_cases
from benchmarks.measure import STEPS, TIMES, is_written

ROUNDS = 3
_TENSORFLOW = (
    "import os; os.environ['TF_USE_LEGACY_KERAS'] = '1'; "
    "os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'; os.environ['CUDA_VISIBLE_DEVICES'] = ''; "
    "import tensorflow.compat.v1 as tf; tf.disable_v2_behavior()"
)
_XLA = "import os; os.environ['TF_XLA_FLAGS'] = '--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit'; "
FRAMEWORKS = {
    "graphmode": ("tf", "import graphmode as tf"),
    "TensorFlow": ("tf", _TENSORFLOW),
    "TF + XLA": ("tf", _XLA + _TENSORFLOW),
    "PyTorch": ("torch", "import torch"),
    "JAX": ("jax", "import jax"),
}
"""Name -> the name of the module, and what imports it."""

HELLO = "; print(tf.Session().run(tf.constant(2) + tf.constant(3)))"
WHOLE_PROCESSES = {"import": "", "hello world, whole process": HELLO}


def against(checkout: str) -> dict[str, tuple[str, str]]:
    """This checkout beside another one of graphmode, in place of the other frameworks."""
    source = str((Path(checkout) / "src").resolve())
    other = f"import sys; sys.path.insert(0, {source!r}); import graphmode as tf"
    return {"graphmode": FRAMEWORKS["graphmode"], "before": ("tf", other)}


def process_seconds(code: str) -> float:
    """How long a Python process takes to run `code`."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    return time.perf_counter() - start


def measure(framework: str, case: str) -> dict[str, float]:
    """What one process says of `case`; nothing where the case fails or is not written."""
    role, imports = FRAMEWORKS[framework]
    if framework == "TF + XLA" and case not in sequence_cases.CASES:
        return {}
    if case in WHOLE_PROCESSES:
        if role != "tf":
            return {}
        seconds = process_seconds(imports + WHOLE_PROCESSES[case])
        return {"seconds": seconds - (process_seconds("pass") if case == "import" else 0)}
    if not is_written(case, role):
        return {}
    code = f"{imports}; from benchmarks.measure import report; report({case!r}, {role!r}, {role})"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if child.returncode:
        print(f"{framework} fails: {child.stderr.splitlines()[-1]}", file=sys.stderr)
        return {}
    return json.loads(child.stdout.splitlines()[-1])


def medians(samples: list[dict[str, float]]) -> dict[str, float]:
    return {key: statistics.median(sample[key] for sample in samples) for key in samples[0]}


def shown(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 1e-3:
        return f"{seconds * 1e6:.0f} us"
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.2f} s"


def row(name: str, cells: list[str]) -> str:
    return f"| {name:28} | " + " | ".join(f"{cell:>10}" for cell in cells) + " |"


def ratio(found: dict[str, dict[str, float]], framework: str) -> str:
    """How many times as long as `framework` graphmode takes."""
    if not found["graphmode"] or not found.get(framework):
        return ""
    return f"{found['graphmode']['seconds'] / found[framework]['seconds']:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("cases", nargs="*", help="words in the names of the cases; all if none")
    parser.add_argument(
        "--against", metavar="CHECKOUT", help="another checkout of graphmode, in place of the peers"
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="processes of each a case")
    arguments = parser.parse_args()
    wanted = arguments.cases
    if arguments.against is not None:
        frameworks = against(arguments.against)
        FRAMEWORKS.clear()
        FRAMEWORKS.update(frameworks)
    beside = [name for name in ("before", "TensorFlow", "PyTorch") if name in FRAMEWORKS]
    names = [*WHOLE_PROCESSES, *TIMES, *STEPS]
    names = [name for name in names if not wanted or any(w in name for w in wanted)]
    print(row("case", [*FRAMEWORKS, *(f"/ {name}" for name in beside)]))
    print("|---" * (len(FRAMEWORKS) + len(beside) + 1) + "|")
    steps, files = {}, {}
    for case in names:
        samples = {framework: [] for framework in FRAMEWORKS}
        for _ in range(arguments.rounds):
            for framework in FRAMEWORKS:
                samples[framework].append(measure(framework, case))
        found = {framework: medians(samples[framework]) for framework in FRAMEWORKS}
        seconds = [shown(found[framework].get("seconds")) for framework in FRAMEWORKS]
        print(row(case, [*seconds, *(ratio(found, name) for name in beside)]), flush=True)
        if case in STEPS:
            steps[case] = found
        if case in file_cases.CASES:
            files[case] = found
    if steps:
        print_first_steps(steps)
    if files:
        print_memory(files)
    if "softmax step" in names and arguments.against is None:
        import graphmode
        from benchmarks.engine_cases import softmax_over_bare_jax

        times = softmax_over_bare_jax(graphmode)
        print(
            f"\nsoftmax step, in turns with hand-written JAX in one process: {times:.2f} times it"
        )


def print_first_steps(steps: dict[str, dict[str, dict[str, float]]]) -> None:
    print("\nThe slowest of the first steps, which compiles; the most memory the process held:\n")
    print(row("case", list(FRAMEWORKS)))
    print("|---" * (len(FRAMEWORKS) + 1) + "|")
    for case, found in steps.items():
        cells = [
            f"{shown(values['slowest'])}, {values['megabytes']:.0f} MB" if values else ""
            for values in found.values()
        ]
        print(row(case, cells), flush=True)


def print_memory(files: dict[str, dict[str, dict[str, float]]]) -> None:
    print(f"\nThe most memory beyond what was held before, of {file_cases.MEGABYTES} MB:\n")
    print(row("case", list(FRAMEWORKS)))
    print("|---" * (len(FRAMEWORKS) + 1) + "|")
    for case, found in files.items():
        cells = [f"{values['megabytes']:.0f} MB" if values else "" for values in found.values()]
        print(row(case, cells), flush=True)


if __name__ == "__main__":
    main()
