"""The arguments of a call that the function here does not take."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import ast


class Argument(NamedTuple):
    """An argument that is not taken, or not as TensorFlow takes it."""

    name: str
    note: str
    is_refused: bool
    """Whether the call raises."""


REFUSED = {
    "bincount": {"axis": "use tf.one_hot and tf.reduce_sum"},
    "contrib.layers.batch_norm": {"batch_weights": "normalize by tf.nn.weighted_moments"},
    "contrib.training.HParams": {"hparam_def": "use parse_json"},
    "train.Saver": {"builder": "a saver makes its own ops"},
}
"""What a function takes only to refuse it by name."""

_KINDS = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def untaken(symbol: str, value: Any, call: ast.Call) -> list[Argument]:
    """What of a call's arguments `value` does not take.

    Parameters
    ----------
    symbol : str
        Its name: ``tf.nn.conv2d``.
    value : callable
    call : ast.Call
        Arguments that come from a list or a dict (``*args``, ``**kwargs``) are not known.

    Returns
    -------
    list of Argument
    """
    refused = REFUSED.get(symbol.removeprefix("tf."), {})
    given = [keyword.arg for keyword in call.keywords if keyword.arg is not None]
    empty = {k.arg for k in call.keywords if getattr(k.value, "value", call) is None}
    used = [name for name in given if name in refused and name not in empty]
    found = [Argument(name, refused[name], True) for name in used]
    fields = getattr(getattr(value, "DESCRIPTOR", None), "fields_by_name", None)
    fields = fields or getattr(value, "_fields", None)
    if isinstance(fields, Mapping):  # a protocol buffer, or what stands for one
        return found + [_unknown(name, [*fields]) for name in given if name not in fields]
    try:
        parameters = inspect.signature(value).parameters
    except (TypeError, ValueError):  # C's own
        return found
    kinds = [parameter.kind for parameter in parameters.values()]
    if inspect.Parameter.VAR_KEYWORD not in kinds:
        by_name = [p.name for p in parameters.values() if p.kind is not _KINDS[0]]
        found += [_unknown(name, by_name) for name in given if name not in by_name]
    n_given = len(call.args)
    is_open = any(type(argument).__name__ == "Starred" for argument in call.args)
    n_taken = sum(kind in _KINDS for kind in kinds)
    if inspect.Parameter.VAR_POSITIONAL not in kinds and not is_open and n_given > n_taken:
        note = f"{n_taken} arguments are taken by place, {n_given} are given"
        found.append(Argument(f"#{n_taken + 1}", note, True))
    return found


def _unknown(name: str, taken: list[str]) -> Argument:
    return Argument(name, f"not taken here; these are: {', '.join(taken)}", True)
