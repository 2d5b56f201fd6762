"""`tf.summary.merge` and `merge_all`: several summaries as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.default_graph import GraphKeys, get_collection, name_scope
from graphmode.ops.io.summary import merge_summary
from graphmode.summary.tags import clean_tag, collect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Tensor


def merge(
    inputs: Sequence[Any], collections: Sequence[str] | None = None, name: str | None = None
) -> Tensor:
    """One summary with the values of several, which must have different tags.

    Parameters
    ----------
    inputs : list of Tensor, string
        Serialized summaries.
    collections : list of str, optional
        Where to add the result; nowhere if not given.
    name : str, optional

    Returns
    -------
    Tensor, string scalar

    Raises
    ------
    TypeError
        If `inputs` is no list.
    ValueError
        If it is empty.
    """
    if not isinstance(inputs, list | tuple):
        raise TypeError(
            f"Expected list for 'inputs' argument to 'MergeSummary' Op, not {inputs!r}."
        )
    if not inputs:
        raise ValueError(
            "List argument 'inputs' to 'MergeSummary' Op with length 0 shorter than minimum "
            "length 1."
        )
    name = None if name is None else clean_tag(name)
    with name_scope(name, "Merge", inputs):
        return collect(merge_summary(list(inputs), name=name), collections)


def merge_all(
    key: str = GraphKeys.SUMMARIES, scope: str | None = None, name: str | None = None
) -> Any:
    """All summaries of a collection of the default graph as one.

    Parameters
    ----------
    key : str
        The collection.
    scope : str, optional
        Only those whose name matches this regular expression at its start.
    name : str, optional

    Returns
    -------
    Tensor, string scalar, or None
        None if there are none.
    """
    summaries = get_collection(key, scope)
    return merge(summaries, name=name) if summaries else None
