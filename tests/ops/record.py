"""`Record`: one example of an op, from which every standard check is derived.

The call is written once and built twice, with graphmode as `tf` and with TensorFlow as `tf`::

    RECORDS = [
        Record("Mul", lambda tf, x, y: tf.multiply(x, y), [normal(3, 4), normal(4)]),
        Record("Gather", lambda tf, x, i: tf.gather(x, i), [normal(5, 3), integers(0, 5, 2, 4)]),
    ]

Inputs are arrays, or *makers* (`normal`, `integers`, ...) that are given a random generator seeded
by the record and the input's place: two ``normal(3, 4)`` differ, and are the same tomorrow. Their
lengths should be pairwise distinct, so that swapped axes show.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


class Maker:
    """Makes an array from a random generator."""

    def __init__(self, make: Callable[[np.random.Generator], np.ndarray]) -> None:
        self.make = make

    def then(self, function: Callable[[np.ndarray], np.ndarray]) -> Maker:
        """`function` of what this makes: ``normal(5).then(np.sort)``."""
        return Maker(lambda rng: function(self.make(rng)))


def normal(*shape: int, dtype: Any = np.float32) -> Maker:
    """Normal numbers; of a complex `dtype`, complex ones."""

    def make(rng: np.random.Generator) -> np.ndarray:
        values = rng.standard_normal(shape)
        if np.issubdtype(dtype, np.complexfloating):
            values = values + 1j * rng.standard_normal(shape)
        return np.asarray(values).astype(dtype)

    return Maker(make)


def uniform(low: float, high: float, *shape: int, dtype: Any = np.float32) -> Maker:
    """Numbers in [low, high)."""
    return Maker(lambda rng: np.asarray(rng.uniform(low, high, shape)).astype(dtype))


def positive(*shape: int, dtype: Any = np.float32) -> Maker:
    """Numbers in [0.3, 2.3)."""
    return uniform(0.3, 2.3, *shape, dtype=dtype)


def away_from_zero(*shape: int, dtype: Any = np.float32) -> Maker:
    """Numbers of both signs whose size is in [0.3, 2.3): for divisors, and kinks at 0."""

    def make(rng: np.random.Generator) -> np.ndarray:
        sign = rng.choice([-1.0, 1.0], shape)
        return np.asarray(sign * rng.uniform(0.3, 2.3, shape)).astype(dtype)

    return Maker(make)


def distinct(*shape: int, dtype: Any = np.float32) -> Maker:
    """Numbers no two of which are closer than 0.1: for maxima, sorting, ranking."""

    def make(rng: np.random.Generator) -> np.ndarray:
        size = int(np.prod(shape))
        return (0.1 * (rng.permutation(size) - size // 2) + 0.05).reshape(shape).astype(dtype)

    return Maker(make)


def integers(low: int, high: int, *shape: int, dtype: Any = np.int32) -> Maker:
    """Whole numbers in [low, high)."""
    return Maker(lambda rng: np.asarray(rng.integers(low, high, shape)).astype(dtype))


def permutation(n: int, dtype: Any = np.int32) -> Maker:
    """0 ... n-1 in another order."""
    return Maker(lambda rng: rng.permutation(n).astype(dtype))


def boolean(*shape: int) -> Maker:
    """Some True, some False."""
    return Maker(lambda rng: np.asarray(rng.integers(0, 2, shape)).astype(bool))


def strings(*shape: int) -> Maker:
    """Short byte strings."""

    def make(rng: np.random.Generator) -> np.ndarray:
        words = [f"w{n}".encode() for n in rng.integers(0, 1000, int(np.prod(shape)))]
        return np.array(words, object).reshape(shape)

    return Maker(make)


# Why names differ in many places.
KNOWN_SHAPE = "2.21 calls the constant of a known shape shape_as_tensor, TensorFlow 1.15 as here"

EXCUSES = (
    "names_differ", "shape_differs", "one_dtype", "host_only", "no_gradient", "no_second",
    "no_differences", "tf_lacks_gradient", "tf_lacks_second",
)  # fmt: skip


@dataclass
class Record:
    """One call that makes an op of type `op_type`.

    Parameters
    ----------
    op_type : str
    call : callable
        ``call(tf, *tensors)``, through the public API only. Gives a tensor, an operation,
        IndexedSlices, a SparseTensor, or a list or tuple of them. Variables it makes are
        initialised before the run, and their values afterwards are compared too.
    inputs : sequence of array or Maker
        Fed through placeholders.
    name : str
        For the test's name, where a type has several records.
    grad_inputs : sequence of int, optional
        The inputs to differentiate by, if not all floating ones.
    rtol, atol : float, optional
        Tolerance of values and gradients, where the one of the dtype is too strict.
    dtypes : sequence of str, optional
        Dtypes to try for the first input (and for those that share its dtype), instead of
        `DTYPES`, in the dtype contract. Only the first record of a type, and those that give this,
        go through it.
    reference : callable, optional
        As `call`, for TensorFlow alone: another way to its values and gradients, where its CPU has
        a kernel for `call` on some processors only. Names and shapes are still those of `call`.
    raises : (class or str, str), optional
        The call, or its run, fails in both with this error (a name is looked up in `tf.errors`)
        and this pattern in its text. Of all checks only this one is made.
    names_differ, shape_differs : str
        How the nodes' names and types, or the static shape, differ from TensorFlow's.
    one_dtype : str
        Why only the inputs' own dtypes are tried.
    host_only : str
        Why the op is not compiled.
    no_gradient, no_second : str
        Why no gradients, or no second ones, are compared.
    no_differences : str
        Why finite differences cannot check the gradients: they are compared with TensorFlow's only.
    tf_lacks_gradient, tf_lacks_second : str
        Why TensorFlow has none (it refuses, or says None): finite differences alone check ours.

    Notes
    -----
    The texts are excuses: each says why a check is not made, and an empty one that it is. One that
    the check shows to be needless fails it.
    """

    op_type: str
    call: Callable[..., Any]
    inputs: Sequence[Any] = ()
    name: str = ""
    grad_inputs: Sequence[int] | None = None
    rtol: float | None = None
    atol: float | None = None
    dtypes: Sequence[str] | None = None
    reference: Callable[..., Any] | None = None
    raises: tuple[type[Exception] | str, str] | None = None
    names_differ: str = ""
    shape_differs: str = ""
    one_dtype: str = ""
    host_only: str = ""
    no_gradient: str = ""
    no_second: str = ""
    no_differences: str = ""
    tf_lacks_gradient: str = ""
    tf_lacks_second: str = ""

    def __post_init__(self) -> None:
        for name in EXCUSES:
            reason = getattr(self, name)
            if not isinstance(reason, str):
                raise TypeError(f"{name} takes a text that says why, not {reason!r}")
        if self.dtypes is not None and not self.dtypes:
            raise ValueError("no dtypes to try: say why with `one_dtype`")

    def arrays(self) -> list[np.ndarray]:
        """The inputs, made."""
        key = zlib.crc32(f"{self.op_type} {self.name}".encode())
        return [
            value.make(np.random.default_rng([key, i]))
            if isinstance(value, Maker)
            else np.asarray(value)
            for i, value in enumerate(self.inputs)
        ]
