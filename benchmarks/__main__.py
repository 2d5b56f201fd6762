"""Run the cases, each framework in a process of its own, in turns; print one table."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time

ROUNDS = 3
FRAMEWORKS = {
    "graphmode": "import graphmode as tf",
    "TensorFlow": (
        "import os; os.environ['TF_USE_LEGACY_KERAS'] = '1'; "
        "os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'; os.environ['CUDA_VISIBLE_DEVICES'] = ''; "
        "import tensorflow.compat.v1 as tf; tf.disable_v2_behavior()"
    ),
}
HELLO = "; print(tf.Session().run(tf.constant(2) + tf.constant(3)))"


def process_seconds(code: str) -> float:
    """How long a Python process takes to run `code`."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    return time.perf_counter() - start


def measure(framework: str, case: str) -> float | None:
    if framework == "JAX":
        from benchmarks.engine_cases import JAX_CASES

        if case not in JAX_CASES:
            return None
        call = f"from benchmarks.engine_cases import JAX_CASES; print(JAX_CASES[{case!r}]())"
    elif case == "import":
        return process_seconds(FRAMEWORKS[framework]) - process_seconds("pass")
    elif case == "hello world, whole process":
        return process_seconds(FRAMEWORKS[framework] + HELLO)
    else:
        call = (
            f"{FRAMEWORKS[framework]}; from benchmarks.engine_cases import CASES; "
            f"print(CASES[{case!r}](tf))"
        )
    result = subprocess.run(
        [sys.executable, "-c", call], check=True, capture_output=True, text=True, env=os.environ
    )
    return float(result.stdout.split()[-1])


def shown(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 1e-3:
        return f"{seconds * 1e6:.0f} us"
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.2f} s"


def main() -> None:
    from benchmarks.engine_cases import CASES

    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("cases", nargs="*", help="words in the names of the cases; all if none")
    wanted = parser.parse_args().cases
    names = ["import", "hello world, whole process", *CASES]
    names = [name for name in names if not wanted or any(w in name for w in wanted)]
    columns = [*FRAMEWORKS, "JAX"]
    print(f"| {'case':28} | " + " | ".join(f"{c:>10}" for c in columns) + " | graphmode / TF |")
    print("|---" * (len(columns) + 2) + "|")
    for case in names:
        samples = {column: [] for column in columns}
        for _ in range(ROUNDS):
            for column in columns:
                samples[column].append(measure(column, case))
        medians = {
            column: None if None in values else statistics.median(values)
            for column, values in samples.items()
        }
        ratio = medians["graphmode"] / medians["TensorFlow"]
        cells = " | ".join(f"{shown(medians[column]):>10}" for column in columns)
        print(f"| {case:28} | {cells} | {ratio:14.3f} |", flush=True)
    if "softmax step" in names:
        import graphmode
        from benchmarks.engine_cases import softmax_over_bare_jax

        ratio = softmax_over_bare_jax(graphmode)
        print(
            f"\nsoftmax step, in turns with hand-written JAX in one process: {ratio:.2f} times it"
        )


if __name__ == "__main__":
    main()
