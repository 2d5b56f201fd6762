"""`tf.data.Options`: how a data set is to be run.

They are kept and checked as TensorFlow's are; what they would change here is said in the docs.
"""

from __future__ import annotations

import copy
from typing import Any, ClassVar

from graphmode.data.stats import StatsAggregator


class _Options:
    """Values of fixed names, each None or of one type."""

    _fields: ClassVar[dict[str, Any]] = {}
    """The type of each, and of other options the class."""

    def __init__(self) -> None:
        for name, kind in self._fields.items():
            is_group = isinstance(kind, type) and issubclass(kind, _Options)
            self.__dict__[name] = kind() if is_group else None

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{type(self).__name__} has no property {name}")

    def __setattr__(self, name: str, value: Any) -> None:
        kind = self._fields.get(name)
        if kind is None:
            raise AttributeError(f"Cannot set the property {name} on {type(self).__name__}.")
        if value is not None and not isinstance(value, kind):
            raise TypeError(
                f'Property "{name}" must be of type {kind}, got: {value!r} (type: {type(value)})'
            )
        self.__dict__[name] = value

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        said = [f"{name}={value!r}" for name, value in vars(self).items() if value is not None]
        return f"{type(self).__name__}({', '.join(said)})"

    def _merged(self, other: Any) -> Any:
        merged = copy.deepcopy(self)
        for name, theirs in vars(other).items():
            ours = getattr(self, name)
            if isinstance(ours, _Options) and isinstance(theirs, _Options):
                merged.__dict__[name] = ours._merged(theirs)
            elif theirs is not None:
                if ours is not None and ours != theirs:
                    raise ValueError(
                        f"Cannot merge incompatible values of option: {name}: {ours!r} and "
                        f"{theirs!r}"
                    )
                merged.__dict__[name] = theirs
        return merged


class MapVectorizationOptions(_Options):
    """Whether functions are given batches: kept, of no effect."""

    _fields: ClassVar[dict[str, Any]] = {"enabled": bool, "use_choose_fastest": bool}


class OptimizationOptions(_Options):
    """What TensorFlow's graph of a data set is rewritten to: kept, of no effect."""

    _fields: ClassVar[dict[str, Any]] = {
        "apply_default_optimizations": bool,
        "autotune": bool,
        "autotune_algorithm": int,
        "autotune_buffers": bool,
        "autotune_cpu_budget": int,
        "filter_fusion": bool,
        "filter_with_random_uniform_fusion": bool,
        "hoist_random_uniform": bool,
        "map_and_batch_fusion": bool,
        "map_and_filter_fusion": bool,
        "map_fusion": bool,
        "map_parallelization": bool,
        "map_vectorization": MapVectorizationOptions,
        "noop_elimination": bool,
        "parallel_batch": bool,
        "shuffle_and_repeat_fusion": bool,
    }


class ThreadingOptions(_Options):
    """How many threads a data set has for itself: kept, of no effect."""

    _fields: ClassVar[dict[str, Any]] = {
        "max_intra_op_parallelism": int,
        "private_threadpool_size": int,
    }


class StatsOptions(_Options):
    """Where `latency_stats` and its like put what they measure."""

    _fields: ClassVar[dict[str, Any]] = {
        "aggregator": StatsAggregator,
        "prefix": str,
        "counter_prefix": str,
        "latency_all_edges": bool,
    }


class DistributeOptions(_Options):
    """How data are divided among machines: kept, of no effect."""

    _fields: ClassVar[dict[str, Any]] = {"auto_shard": bool, "num_devices": int}


class Options(_Options):
    """How a data set is to be run, for `Dataset.with_options`.

    Elements come in a fixed order whatever `experimental_deterministic` says.

    Examples
    --------
    >>> import graphmode as tf
    >>> options = tf.data.Options()
    >>> options.experimental_deterministic = False
    >>> tf.data.Dataset.range(3).with_options(options).options().experimental_deterministic
    False
    """

    _fields: ClassVar[dict[str, Any]] = {
        "experimental_deterministic": bool,
        "experimental_distribute": DistributeOptions,
        "experimental_optimization": OptimizationOptions,
        "experimental_slack": bool,
        "experimental_stateful_whitelist": list,
        "experimental_stats": StatsOptions,
        "experimental_threading": ThreadingOptions,
    }

    def merge(self, options: Options) -> Options:
        """Join with other options.

        Parameters
        ----------
        options : Options

        Returns
        -------
        Options

        Raises
        ------
        ValueError
            If both say something else of one thing.
        """
        return self._merged(options)
