"""`Session.run` of ragged tensors: their splits and their innermost values."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphmode.ragged.tensor import RaggedTensor, is_ragged
from graphmode.ragged.value import RaggedTensorValue
from graphmode.runtime.fetches import register_session_run_conversion_functions


def _fetched(ragged: RaggedTensor) -> tuple[list[Any], Any]:
    return ragged._parts(), lambda found: RaggedTensorValue.of_parts(found[-1], found[:-1])


def _fed(key: RaggedTensor, value: Any) -> Iterator[tuple[Any, Any]]:
    """The parts of `key`, each with that of `value`.

    Raises
    ------
    TypeError
        If `value` is no RaggedTensorValue, or a tensor.
    ValueError
        If it has other ragged axes.
    """
    if isinstance(value, RaggedTensor) or not is_ragged(value):
        raise TypeError(
            f"Cannot feed a {type(value).__name__} for a RaggedTensor: its rows have to be known."
            "\n  fix: feed tf.ragged.constant_value(rows)"
        )
    if value.ragged_rank != key.ragged_rank:
        raise ValueError(
            f"Cannot feed a value of ragged rank {value.ragged_rank} for a RaggedTensor of ragged "
            f"rank {key.ragged_rank}"
            f"\n  fix: tf.ragged.constant_value(rows, ragged_rank={key.ragged_rank})"
        )
    return zip(key._parts(), value._parts(), strict=True)


register_session_run_conversion_functions(RaggedTensor, _fetched, _fed)
