"""What a served model takes and gives: named tensors, and the function between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.shapes import TensorShape
from graphmode.saved_models.constants import (
    CLASSIFY_METHOD_NAME,
    PREDICT_METHOD_NAME,
    REGRESS_METHOD_NAME,
)
from graphmode.serve.errors import invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Arrays = Mapping[str, np.ndarray]
    Compute = Callable[[Arrays, Sequence[str]], dict[str, np.ndarray]]

METHODS = {
    "predict": (PREDICT_METHOD_NAME, CLASSIFY_METHOD_NAME, REGRESS_METHOD_NAME),
    "classify": (CLASSIFY_METHOD_NAME,),
    "regress": (REGRESS_METHOD_NAME,),
}
"""The methods of the signatures that answer to a verb."""


@dataclass(frozen=True)
class Spec:
    """An input or output.

    Parameters
    ----------
    dtype : DType
    shape : tuple of int or None, or None
        None stands for any size, or for any rank.
    """

    dtype: dtypes.DType
    shape: tuple[int | None, ...] | None

    @classmethod
    def of_info(cls, info: Any) -> Spec:
        """What a TensorInfo says."""
        shape = TensorShape(info.tensor_shape)
        sizes = None if shape.ndims is None else tuple(shape.as_list())
        return cls(dtypes.as_dtype(info.dtype).base_dtype, sizes)

    @property
    def is_batch(self) -> bool:
        """Whether the first dimension is a number of rows."""
        return bool(self.shape) and self.shape[0] is None

    def check(self, name: str, array: np.ndarray) -> None:
        """Refuse an array of another shape.

        Raises
        ------
        Refused
        """
        if self.shape is None:
            return
        fits = len(self.shape) == array.ndim and all(
            size is None or size == given
            for size, given in zip(self.shape, array.shape, strict=True)
        )
        if not fits:
            wanted = ", ".join("?" if size is None else str(size) for size in self.shape)
            raise invalid(
                f"input {name!r} has shape {list(array.shape)}; the signature's is [{wanted}]"
            )


@dataclass(eq=False)
class Signature:
    """A function of named arrays, as the outside knows it.

    Parameters
    ----------
    name : str
    method : str
        ``tensorflow/serving/predict`` or another one.
    inputs, outputs : dict of str to Spec
    compute : callable
        ``compute(feeds, names)`` gives the outputs of these names.
    definition : SignatureDef
        What ``/metadata`` shows.
    takes_batches : bool
        Whether rows of several requests may be computed together.
    is_quick : bool
        Whether the largest batch takes less time than it takes to hand it to another thread.
    """

    name: str
    method: str
    inputs: dict[str, Spec]
    outputs: dict[str, Spec]
    compute: Compute
    definition: Any
    takes_batches: bool = False
    is_quick: bool = False

    def check_method(self, verb: str) -> None:
        """Refuse a verb that is for signatures of another kind.

        Raises
        ------
        Refused
        """
        if self.method in METHODS[verb]:
            return
        kind = {"predict": "prediction", "classify": "classification", "regress": "regression"}
        wanted = METHODS[verb]
        listed = wanted[0] if len(wanted) == 1 else f"one of {{{', '.join(wanted)}}}"
        raise invalid(
            f"Expected {kind[verb]} signature method_name to be {listed}. Was: {self.method}"
        )

    def check_inputs(self, given: Iterable[str]) -> None:
        """Refuse inputs that are not exactly those of the signature.

        Raises
        ------
        Refused
        """
        given, known = set(given), set(self.inputs)
        if given == known:
            return
        extra, missing = sorted(given - known), sorted(known - given)
        raise invalid(
            f"input size does not match signature: {len(given)}!={len(known)} "
            f"len({{{','.join(sorted(given))}}}) != len({{{','.join(sorted(known))}}}). "
            f"Sent extra: {{{','.join(extra)}}}. Missing but required: {{{','.join(missing)}}}."
        )

    def chosen_outputs(self, wanted: Sequence[str]) -> list[str]:
        """The names of the outputs to compute: `wanted`, or all.

        Raises
        ------
        Refused
            If one is not there, or is asked for twice.
        """
        for name in wanted:
            if name not in self.outputs:
                there = ",".join(sorted(self.outputs))
                raise invalid(
                    f"output tensor alias not found in signature: {name} Outputs expected to be "
                    f"in the set {{{there}}}."
                )
        if len(set(wanted)) < len(wanted):
            raise invalid(f"duplicate output_filter: {', '.join(wanted)}")
        return list(wanted) or list(self.outputs)
