"""The attributes of a NodeDef as Python values, of the kinds that the record of its type says."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.proto.reading import make_ndarray
from graphmode.framework.shapes import TensorShape

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.framework.op_def import OpDef

LATER: dict[str, Any] = {
    "Tk": 3,
    "allow_missing_files": False,
    "bad_indices_policy": b"",
    "grad_a": None,
    "grad_b": None,
    "grad_x": None,
    "grad_y": None,
    "incompatible_shape_error": True,
    "index_type": 3,
    "perturb_singular": False,
    "resize_if_index_out_of_bounds": False,
    "shape_type": 3,
    "sparse_gradient": None,
}
"""Attributes that ops got after TensorFlow 1.15, with the value that means what 1.15 did; None
where every value does."""

_FIELDS = {
    "int": "i", "float": "f", "bool": "b", "string": "s", "type": "type", "shape": "shape",
    "tensor": "tensor", "func": "func", "python": "s",
}  # fmt: skip


def text_or_bytes(value: bytes) -> str | bytes:
    """Text, as attributes are kept; bytes that are no text as they are."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value


def shape_of(value: Any) -> TensorShape:
    """A `TensorShapeProto` as a shape."""
    if value.unknown_rank:
        return TensorShape._of(None)
    return TensorShape._of(tuple(None if d.size < 0 else d.size for d in value.dim))


def _same(value: Any) -> Any:
    return value


_READ: dict[str, Callable[[Any], Any]] = {
    "int": _same,
    "float": _same,
    "bool": _same,
    "string": text_or_bytes,
    "type": dtypes.as_dtype,
    "shape": shape_of,
    "tensor": make_ndarray,
    "func": _same,
    "python": _same,
}


def reader_of(kind: str) -> Callable[[Any], Any]:
    """A function that reads an `AttrValue` as a value of `kind`.

    It raises `WrongKindError` if that holds a value of another kind.
    """
    if kind[-1] == ")":
        item = kind[5:-1]
        field, read = _FIELDS[item], _READ[item]

        def read_list(value: Any) -> Any:
            if value.WhichOneof("value") != "list":
                raise WrongKindError(value.WhichOneof("value") or "none", kind)
            return [read(each) for each in getattr(value.list, field)]

        return read_list
    field, read = _FIELDS[kind], _READ[kind]

    def read_one(value: Any) -> Any:
        if value.WhichOneof("value") != field:
            raise WrongKindError(value.WhichOneof("value") or "none", kind)
        return read(getattr(value, field))

    return read_one


_NAMES = {"i": "int", "f": "float", "b": "bool", "s": "string", "list": "list(...)"}


class WrongKindError(Exception):
    """An attribute whose value is of another kind than that of its type."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(
            f"AttrValue had value with type '{_NAMES.get(found, found)}' when '{expected}' expected"
        )


class AttributeReader:
    """Reads the attributes of nodes of one type.

    Parameters
    ----------
    record : OpDef
    """

    def __init__(self, record: OpDef) -> None:
        self.record = record
        kinds = {key: kind for key, kind in record.kinds.items() if kind != "python"}
        self._readers = {key: reader_of(kind) for key, kind in kinds.items()}
        self._readers["_class"] = reader_of("list(string)")
        self._readers["_gradient_op_type"] = reader_of("string")
        empty = inspect.Parameter.empty
        self._defaults = {key: value for key, value in record.attrs.items() if value is not empty}
        self._required = [key for key, value in record.attrs.items() if value is empty]
        self._is_of_the_process = any(record.kinds[key] == "python" for key in self._required)

    def read(self, node: Any, name: str) -> dict[str, Any]:
        """The attributes of `node`, which is to be called `name`: those not given by default.

        One that its type does not have is kept as the message that it is.

        Raises
        ------
        ValueError
            If one is missing or of another kind.
        NotImplementedError
            If one asks for what is not there, or is none that a file can hold.
        """
        if self._is_of_the_process:
            raise NotImplementedError(
                f"node '{name}': no file can hold what '{self.record.type}' runs, a function of "
                "the process that made the graph"
            )
        attrs = dict(self._defaults)
        readers = self._readers
        for key, value in node.attr.items():
            reader = readers.get(key)
            if reader is None:
                self._keep(attrs, key, value, name)
                continue
            try:
                attrs[key] = reader(value)
            except (WrongKindError, TypeError, ValueError) as error:
                raise ValueError(
                    f"{error}\n\t for attr '{key}'\n\t; NodeDef: {{{{node {name}}}}}; "
                    f"Op<name={self.record.type}>"
                ) from None
        for key in self._required:
            if key not in attrs:
                raise ValueError(
                    f"NodeDef missing attr '{key}' from Op<name={self.record.type}>; NodeDef: "
                    f"{{{{node {name}}}}}"
                )
        return attrs

    def _keep(self, attrs: dict[str, Any], key: str, value: Any, name: str) -> None:
        if key == "_output_shapes":
            return
        usual = LATER.get(key)
        if usual is not None:
            found = getattr(value, value.WhichOneof("value") or "i")
            if found != usual:
                raise NotImplementedError(
                    f"'{self.record.type}' Op: attribute '{key}' of node '{name}' is {found!r}; "
                    f"only {usual!r} is there: TensorFlow 1 had no such attribute"
                )
        attrs[key] = value
