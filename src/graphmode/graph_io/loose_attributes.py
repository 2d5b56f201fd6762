"""The attributes of a node whose type has no record of its own, an old version."""

from __future__ import annotations

from typing import Any

from graphmode.framework import dtypes
from graphmode.framework.proto.reading import make_ndarray
from graphmode.graph_io.attributes import shape_of, text_or_bytes

_READ = {
    "type": dtypes.as_dtype, "shape": shape_of, "tensor": make_ndarray, "s": text_or_bytes,
}  # fmt: skip


def loose_attributes(node: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values by what the messages themselves say.

    Returns
    -------
    attrs : dict
        The attributes of the type.
    kept : dict
        Those that any node may have: messages, to be written again.
    """
    attrs: dict[str, Any] = {}
    kept: dict[str, Any] = {}
    for key, value in node.attr.items():
        if key in ("_output_shapes", "_class"):
            continue
        if key[:1] == "_":
            kept[key] = value
            continue
        field = value.WhichOneof("value")
        if field == "list":
            filled = next(iter(value.list.ListFields()), None)
            items = [] if filled is None else filled[1]
            read = _READ.get("" if filled is None else filled[0].name, _same)
            attrs[key] = [read(item) for item in items]
        elif field is not None:
            attrs[key] = _READ.get(field, _same)(getattr(value, field))
    return attrs, kept


def _same(value: Any) -> Any:
    return value
