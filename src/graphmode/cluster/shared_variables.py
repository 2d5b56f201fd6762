"""The variables of a task, as sessions with graphs of their own read and write them by name.

What a graph declares of a variable, its dtype and its shape, another graph may declare otherwise.
Who gave the value its shape decides; who declares another one is told so, and nothing is read or
written that does not fit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from graphmode.framework import dtypes
from graphmode.framework.dtypes import word_of
from graphmode.framework.errors import InternalError, InvalidArgumentError
from graphmode.framework.shape_rules import dims_text, from_attr

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from graphmode.framework.dtypes import DType
    from graphmode.framework.errors import OpError
    from graphmode.framework.operation import Dims, Operation


class _Declared(NamedTuple):
    """What a graph says of a variable."""

    dtype: DType
    dims: Dims


class _Variable:
    """One variable: its value, None without one, and what the graph declares that gave it."""

    __slots__ = ("declared", "value")

    def __init__(self) -> None:
        self.value: Any = None
        self.declared: _Declared | None = None


class SharedVariables:
    """The variables of a task, by container, name and kind.

    A variable that graphs know by reference and one that they know by its handle are two, though
    they have one name, as in TensorFlow.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, bool], _Variable] = {}

    def of(self, op: Operation) -> _Variable:
        """That of `op`."""
        attrs = op.attrs
        name = attrs.get("shared_name") or op.name
        return self._kept.setdefault(
            (attrs.get("container") or "", name, _is_handle(op)), _Variable()
        )

    def forget(self, containers: Collection[str]) -> None:
        """Forget the values of those in `containers`; who knows a variable goes on knowing it."""
        for (container, *_), variable in list(self._kept.items()):
            if container in containers:
                variable.value = variable.declared = None

    def values(self) -> list[Any]:
        """All values."""
        return [variable.value for variable in list(self._kept.values())]


class VariablesOfSession(dict[Any, Any]):
    """The variables of a task, looked up by the operations of a session.

    Parameters
    ----------
    shared : SharedVariables
    task : object
        What errors call the task.
    """

    def __init__(self, shared: SharedVariables, task: object) -> None:
        super().__init__()
        self._shared, self._task = shared, task
        self._known: dict[Operation, tuple[_Variable, _Declared]] = {}

    def _found(self, op: Operation) -> tuple[_Variable, _Declared]:
        declared = _Declared(op.attrs["dtype"].base_dtype, from_attr(op)[0])
        known = self._known[op] = self._shared.of(op), declared
        return known

    def get(self, op: Operation, default: Any = None) -> Any:
        """The value of `op`.

        Raises
        ------
        InvalidArgumentError
            If its shape, or of a resource variable its dtype, is none that the graph declares.
        InternalError
            If its dtype is another one, as in TensorFlow.
        """
        variable, declared = self._known.get(op) or self._found(op)
        value = variable.value
        if value is None:
            return default
        if variable.declared is not declared and not _fits(variable, declared):
            raise _disagreement(op, variable, declared, self._task)
        return value

    def __getitem__(self, op: Operation) -> Any:
        value = self.get(op)
        if value is None:
            raise KeyError(op)
        return value

    def __setitem__(self, op: Operation, value: Any) -> None:
        variable, variable.declared = self._known.get(op) or self._found(op)
        variable.value = value

    def __delitem__(self, op: Operation) -> None:
        variable, _ = self._known.get(op) or self._found(op)
        variable.value = variable.declared = None

    def move(self, op: Operation, old: Any, new: Any) -> None:
        """Keep `new` in place of `old`, if that is the value: who declared it stays the same."""
        variable, _ = self._known.get(op) or self._found(op)
        if variable.value is old:
            variable.value = new

    def update(self, values: Mapping[Operation, Any]) -> None:  # type: ignore[override]
        for op, value in values.items():
            self[op] = value

    def values(self) -> Any:
        """All values of the task."""
        return self._shared.values()

    def require_room(self, ops: Iterable[Operation]) -> list[_Variable]:
        """Refuse to write to what was declared otherwise; those that may get another shape.

        A resource variable may, as in TensorFlow: who knows it with the one that it had is told so
        when it reads it.

        Raises
        ------
        InvalidArgumentError, InternalError
        """
        others: list[_Variable] = []
        for op in ops:
            variable, declared = self._known.get(op) or self._found(op)
            if variable.value is None or variable.declared is declared:
                continue
            if not _fits(variable, declared):
                if not _is_handle(op) or _dtype_of(variable) is not declared.dtype:
                    raise _disagreement(op, variable, declared, self._task)
                others.append(variable)
        return others

    def make_room(self, ops: Iterable[Operation]) -> None:
        """As `require_room`, and forget what is to get another shape."""
        for variable in self.require_room(ops):
            variable.value = variable.declared = None


def _is_handle(op: Operation) -> bool:
    return op.outputs[0].dtype is dtypes.resource


def _dtype_of(variable: _Variable) -> DType | None:
    return None if variable.declared is None else variable.declared.dtype


def _fits(variable: _Variable, declared: _Declared) -> bool:
    """Whether a graph that declares `declared` may read the value.

    What was assigned with ``validate_shape=False`` is of no shape that its own graph declares.
    """
    if variable.declared == declared:
        return True
    if _dtype_of(variable) is not declared.dtype:
        return False
    dims, shape = declared.dims, variable.value.shape
    return dims is None or (
        len(dims) == len(shape)
        and all(dim in (None, size) for dim, size in zip(dims, shape, strict=True))
    )


def _disagreement(op: Operation, variable: _Variable, declared: _Declared, task: object) -> OpError:
    """What who declares `declared` is told of a variable that another graph has declared."""
    found = _dtype_of(variable)
    kind: Any = InvalidArgumentError
    if found is None or found is declared.dtype:
        why = (
            f"it has shape {dims_text(variable.value.shape)}, but this graph declares it with "
            f"shape {dims_text(declared.dims)}"
        )
    elif _is_handle(op):
        why = (
            "Trying to read variable with wrong dtype. Expected "
            f"{word_of(declared.dtype)} got {word_of(found)}"
        )
    else:
        kind = InternalError
        why = (
            f"Output 0 of type {word_of(found)}_ref does not match declared output type "
            f"{word_of(declared.dtype)}_ref for node {op.name}"
        )
    name = op.attrs.get("shared_name") or op.name
    return kind(
        None, op,
        f"{op.type} '{op.name}': {why}\n  '{name}' of {task} is one variable for all sessions, and "
        "another graph has declared it with that dtype and shape\n"
        "  fix: declare it alike in all clients, give one of them another name or tf.container, "
        "or forget what the cluster keeps by tf.Session.reset(target)",
    )  # fmt: skip
