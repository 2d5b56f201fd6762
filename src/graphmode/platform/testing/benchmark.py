"""`tf.test.Benchmark`: classes whose methods ``benchmark...`` are run by ``--benchmarks=``."""

from __future__ import annotations

import inspect
import numbers
import os
import re
import statistics
import sys
import time
from pathlib import Path
from typing import Any, cast

from graphmode.framework.defaults import default_session
from graphmode.platform import app
from graphmode.runtime.config import ConfigProto
from graphmode.runtime.session import Session

_PREFIX = "TEST_REPORT_FILE_PREFIX"
_classes: list[type[Benchmark]] = []


class Benchmark:
    """Base of benchmarks: a subclass is run by ``python program.py --benchmarks=PATTERN``.

    PATTERN is searched for in ``module.Class.benchmarkMethod``; ``all`` runs all.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _classes.append(cls)

    @classmethod
    def is_abstract(cls) -> bool:
        """Whether it is `Benchmark` itself, which is not run."""
        return cls is Benchmark

    def _name(self, given: str | None) -> str:
        """``Class.method``, of the outermost method of a benchmark that runs."""
        for frame in reversed(inspect.stack(context=0)):
            caller = frame.frame.f_locals.get("self")
            if isinstance(caller, Benchmark):
                return f"{type(caller).__name__}.{given or frame.function}"
        raise ValueError("Unable to determine calling Benchmark class.")

    def report_benchmark(
        self,
        iters: int | None = None,
        cpu_time: float | None = None,
        wall_time: float | None = None,
        throughput: float | None = None,
        extras: dict[str, Any] | None = None,
        name: str | None = None,
        metrics: list[dict[str, Any]] | None = None,
    ) -> None:
        """Print what was measured, as TensorFlow's ``BenchmarkEntries`` in text format.

        Where the variable ``TEST_REPORT_FILE_PREFIX`` is set, it is written to the file of that
        prefix and the benchmark's name.

        Parameters
        ----------
        iters : int, optional
            How many iterations were run.
        cpu_time, wall_time : float, optional
            Seconds, of one iteration.
        throughput : float, optional
            MB/s.
        extras : dict, optional
            Name -> number or text.
        name : str, optional
            The method's if not given.
        metrics : list of dict, optional
            Each has ``name`` and ``value``, and may have ``min_value`` and ``max_value``.

        Raises
        ------
        TypeError
            If `extras` is no dict, or `metrics` not as described.
        OSError
            If the file exists.
        """
        fields = {
            "iters": iters,
            "cpu_time": cpu_time,
            "wall_time": wall_time,
            "throughput": throughput,
        }
        lines = [f'  name: "{self._name(name)}"']
        lines += [f"  {key}: {value}" for key, value in fields.items() if value is not None]
        lines += _extras(extras) + _metrics(metrics)
        text = "\n".join(["entry {", *lines, "}\n"])
        prefix = os.environ.get(_PREFIX)
        if prefix is None:
            print(text)  # noqa: T201 - where it is looked for
            return
        path = Path(prefix + self._name(name).replace("/", "__"))
        if path.exists():
            raise OSError(f"File already exists: {path}")
        path.write_text(text)

    def run_op_benchmark(
        self,
        sess: Session,
        op_or_tensor: Any,
        feed_dict: dict[str, Any] | None = None,
        burn_iters: int = 2,
        min_iters: int = 10,
        store_trace: bool = False,
        store_memory_usage: bool = True,
        name: str | None = None,
        extras: dict[str, Any] | None = None,
        mbs: float = 0,
    ) -> dict[str, Any]:
        """Time the runs of an op or tensor, and report the median.

        Parameters
        ----------
        sess : Session
        op_or_tensor : Operation or Tensor
            Of any dtype.
        feed_dict : dict, optional
        burn_iters, min_iters : int
            How many runs come before, and how many are timed.
        store_trace, store_memory_usage : bool
            Accepted: nothing is traced.
        name : str, optional
            The method's if not given.
        extras : dict, optional
            Name -> number or text.
        mbs : float
            How many megabytes one run moves.

        Returns
        -------
        dict
            What was reported.
        """
        del store_trace, store_memory_usage
        for _ in range(burn_iters):
            sess.run(op_or_tensor, feed_dict)
        seconds: list[Any] = []
        for _ in range(min_iters):
            start = time.perf_counter()
            sess.run(op_or_tensor, feed_dict)
            seconds.append(time.perf_counter() - start)
        median = statistics.median(seconds) if seconds else -1
        measured: dict[str, Any] = {
            "iters": min_iters,
            "wall_time": median,
            "extras": {} if extras is None else extras,
            "name": name,
            "throughput": mbs / median,
        }
        self.report_benchmark(**measured)
        return measured

    def evaluate(self, tensors: Any) -> Any:
        """The values of `tensors` in the default session, or in a new one."""
        session = default_session()
        if session is not None:
            return session.run(tensors)
        with Session() as session:
            return session.run(tensors)


def _extras(extras: Any) -> list[str]:
    if extras is not None and not isinstance(extras, dict):
        raise TypeError("extras must be a dict")
    lines: list[Any] = []
    for key, value in cast("dict[str, Any]", extras or {}).items():
        number = isinstance(value, numbers.Number)
        said = f"double_value: {value}" if number else f'string_value: "{value}"'
        lines.append(f'  extras {{ key: "{key}" value {{ {said} }} }}')
    return lines


def _metrics(metrics: Any) -> list[str]:
    if metrics is not None and not isinstance(metrics, list):
        raise TypeError("metrics must be a list")
    lines: list[Any] = []
    for metric in cast("list[dict[str, Any]]", metrics or []):
        for field in ("name", "value"):
            if field not in metric:
                raise TypeError(f"metric must has a '{field}' field")
        said = f'name: "{metric["name"]}" value: {metric["value"]}'
        for bound in ("min_value", "max_value"):
            if bound in metric:
                said += f" {bound} {{ value: {metric[bound]} }}"
        lines.append(f"  metrics {{ {said} }}")
    return lines


def benchmark_config() -> ConfigProto:
    """The settings of sessions that are timed: the usual ones."""
    return ConfigProto()


def run_benchmarks(pattern: str) -> None:
    """Run the methods ``benchmark...`` of all benchmarks that match.

    Parameters
    ----------
    pattern : str
        Searched for in ``module.Class.benchmarkMethod``; "all" for all.
    """
    for cls in _classes:
        instance = None
        for method in dir(cls):
            full = f"{cls.__module__}.{cls.__name__}.{method}"
            wanted = pattern == "all" or re.search(pattern, full)
            if method.startswith("benchmark") and callable(getattr(cls, method)) and wanted:
                instance = instance or cls()
                getattr(instance, method)()


def main(argv: list[str] | None = None) -> None:
    """Run the tests of the program, or with ``--benchmarks=PATTERN`` in `argv` its benchmarks."""
    from unittest import mock

    from absl.testing import absltest

    arguments = list(sys.argv if argv is None else argv)
    asked = [a for a in arguments if a.startswith(("--benchmarks=", "-benchmarks="))]
    if asked:
        arguments.remove(asked[0])
        pattern = asked[0].partition("=")[2]

        def run_chosen(_: list[str]) -> None:
            run_benchmarks(pattern)

        app.run(run_chosen, arguments)
    with mock.patch.object(sys, "argv", arguments):
        absltest.main()
