"""What a name means in a graph: `op_name` an operation, `op_name:index` one of its outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphmode.framework.operation import Operation, Tensor


def named_element(
    operations: dict[str, Operation],
    name: str,
    kinds: str,
    allow_tensor: bool,
    allow_operation: bool,
) -> Tensor | Operation:
    """The tensor or operation called `name`.

    Parameters
    ----------
    operations : dict
        The operations of the graph by name.
    kinds : str
        The kinds that are allowed, in words.

    Raises
    ------
    ValueError
        If the name is malformed, or of a kind that is not allowed.
    KeyError
        If there is no such element.
    """
    if ":" in name and allow_tensor:
        op_name, _, index_text = name.partition(":")
        if not op_name or not index_text.isdigit():
            raise ValueError(
                f"The name {name!r} looks a like a Tensor name, but is not a valid one. "
                'Tensor names must be of the form "<op_name>:<output_index>".'
            )
        op = operations.get(op_name)
        if op is None:
            raise KeyError(
                f"The name {name!r} refers to a Tensor which does not exist. The operation, "
                f"{op_name!r}, does not exist in the graph.{_like(op_name, operations)}"
            )
        index = int(index_text)
        if index >= len(op.outputs):
            raise KeyError(
                f"The name {name!r} refers to a Tensor which does not exist. The operation, "
                f"{op_name!r}, exists but only has {len(op.outputs)} outputs."
            )
        return op.outputs[index]
    if ":" in name:
        raise ValueError(f"The name {name!r} appears to refer to a Tensor, not a {kinds}.")
    op = operations.get(name)
    if allow_operation:
        if op is None:
            raise KeyError(
                f"The name {name!r} refers to an Operation not in the graph."
                f"{_like(name, operations)}"
            )
        return op
    if op is not None:
        raise ValueError(
            f"The name {name!r} refers to an Operation, not a {kinds}. Tensor names must be "
            f'of the form "<op_name>:<output_index>": {name + ":0"!r}?'
        )
    raise ValueError(
        f"The name {name!r} looks like an (invalid) Operation name, not a {kinds}. "
        'Tensor names must be of the form "<op_name>:<output_index>".'
    )


def _like(name: str, operations: dict[str, Operation]) -> str:
    import difflib

    close = difflib.get_close_matches(name, operations, n=3)
    return f" Similar names: {', '.join(close)}." if close else ""
