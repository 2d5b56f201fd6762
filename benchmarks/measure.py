"""What the process of one framework does: measure one case, print the numbers as JSON."""

from __future__ import annotations

import json
import resource

from benchmarks import engine_cases, file_cases, network_cases, pipeline_cases, sequence_cases
from benchmarks.engine_cases import seconds_each

STEPS = {**network_cases.CASES, **sequence_cases.CASES}
"""Cases that are a training step."""

TIMES = {
    **engine_cases.CASES,
    **sequence_cases.TIMES,
    **file_cases.CASES,
    **pipeline_cases.CASES,
}
"""Cases that give seconds by themselves."""

GIVE_MORE = {**file_cases.CASES, **pipeline_cases.CASES}
"""Those that give more than seconds."""

_WARM_SECONDS = 2.0
_BLOCK_SECONDS = 0.3


def measure(case: str, role: str, module) -> dict[str, float]:
    """The seconds of `case`; of a training step also the slowest of the first, and the memory.

    Of a case that compares two things by itself only how many times as long the first one takes.

    The slowest of the first steps is the one that compiles, where something compiles.
    """
    if case in pipeline_cases.RATIOS:
        return {"ratio": pipeline_cases.RATIOS[case](module)}
    if case in GIVE_MORE:
        return GIVE_MORE[case](module)
    if case not in STEPS:
        cases = engine_cases.JAX_CASES if role == "jax" else TIMES
        return {"seconds": cases[case](module)}
    step = STEPS[case][role](module)
    first = []
    while len(first) < 5 or sum(first) < _WARM_SECONDS:
        first.append(seconds_each(step, 1, repeat=1))
    n = max(1, round(_BLOCK_SECONDS / seconds_each(step, 3, repeat=1)))
    return {
        "seconds": seconds_each(step, n, repeat=7),
        "slowest": max(first),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def report(case: str, role: str, module) -> None:
    print(json.dumps(measure(case, role, module)))


def is_written(case: str, role: str) -> bool:
    """Whether `case` exists for a framework of that role: tf, torch or jax."""
    if case in STEPS:
        return role in STEPS[case]
    return role == "tf" or (role == "jax" and case in engine_cases.JAX_CASES)
